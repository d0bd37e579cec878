package io.taskbroker.bootstrap;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** By which name people know this machine, or this pod. */
final class HostName {
  private static final String VARIABLE = "HOSTNAME";

  private HostName() {}

  /** Never empty. */
  static String read() {
    String name = Variables.read().getOrDefault(VARIABLE, "");
    if (!name.isBlank()) {
      return name;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "localhost";
    }
  }
}
