package wrong.application;

/** Open to be extended, by nobody knows whom. */
public class Open {}
