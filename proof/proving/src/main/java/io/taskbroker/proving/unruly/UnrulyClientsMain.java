package io.taskbroker.proving.unruly;

import java.io.IOException;

/**
 * The program of {@link UnrulyClientsProcess}. Begins with the first line of its input, and runs
 * until its input ends, which it also does when the one who started it has died.
 */
final class UnrulyClientsMain {
  static final String READY = "ready";

  private UnrulyClientsMain() {}

  public static void main(String[] arguments) throws IOException {
    var clients = new UnrulyClients(arguments[0], arguments[1]);
    System.out.println(READY);
    if (System.in.read() >= 0) {
      clients.begin(Nuisance.valueOf(arguments[2]));
    }
    while (System.in.read() >= 0) {
      // Nothing more is expected; only the end counts.
    }
    System.exit(0); // its connections have threads that would go on
  }
}
