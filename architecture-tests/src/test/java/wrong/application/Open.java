package wrong.application;

/** Open to be extended, by nobody knows whom. */
class Open {}
