package io.taskbroker.bootstrap;

/**
 * Where the jar is entered. Compiled for Java 11, so that an older Java can say what is missing
 * instead of refusing the class file.
 */
final class Launch {
  private static final int OLDEST_JAVA = 25;

  private Launch() {}

  public static void main(String[] args) {
    int java = Runtime.version().feature();
    if (java < OLDEST_JAVA) {
      System.err.printf(
          "taskbroker: needs Java %d or newer, this is Java %d in %s%n",
          OLDEST_JAVA, java, System.getProperty("java.home"));
      System.exit(1);
    }
    Main.main(args);
  }
}
