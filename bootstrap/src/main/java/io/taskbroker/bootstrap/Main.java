package io.taskbroker.bootstrap;

/** The command line of the broker. */
final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.out.println("taskbroker " + Main.class.getPackage().getImplementationVersion());
  }
}
