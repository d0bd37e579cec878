package wrong.application.unmarked;

/** In a package without @NullMarked. */
final class Unmarked {}
