package wrong.settings.bystander;

/** Does nothing wrong; others should not know it. */
public final class Bystander {}
