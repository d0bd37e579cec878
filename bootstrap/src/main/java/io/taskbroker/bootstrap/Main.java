package io.taskbroker.bootstrap;

/** Where the program begins. */
final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(TaskbrokerCommand.line(System.getenv()).execute(args));
  }
}
