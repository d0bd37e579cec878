package io.taskbroker.bootstrap;

import picocli.CommandLine.IVersionProvider;

/** Which version of the program this is, as its jar says. */
final class Version implements IVersionProvider {
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "unpackaged" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"taskbroker " + text()};
  }
}
