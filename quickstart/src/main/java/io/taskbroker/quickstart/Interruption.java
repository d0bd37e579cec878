package io.taskbroker.quickstart;

/** Ctrl-C, and any other end that the JVM is told about. */
final class Interruption {
  private Interruption() {}

  /**
   * Makes the JVM's end wait until the demo has stopped, if it runs; the process then exits with
   * the demo's own code, since to be stopped is how a demo ends.
   */
  static void stops(Demo demo) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (demo.stopAndAwaitEnd()) {
                    Runtime.getRuntime().halt(demo.exitCode());
                  }
                },
                "interruption"));
  }
}
