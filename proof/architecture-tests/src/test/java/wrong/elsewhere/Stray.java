package wrong.elsewhere;

/** Belongs to no module. */
final class Stray {}
