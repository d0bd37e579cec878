package wrong.application.names;

/** Could be anything. */
final class PortImpl {}
