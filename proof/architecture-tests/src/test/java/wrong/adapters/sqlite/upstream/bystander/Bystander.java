package wrong.adapters.sqlite.upstream.bystander;

/** Breaks no rule, and is needed by a class that does. */
public final class Bystander {}
