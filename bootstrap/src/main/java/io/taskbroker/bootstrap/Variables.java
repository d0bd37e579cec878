package io.taskbroker.bootstrap;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The variables of this process's environment. */
final class Variables {
  private static final Path ENVIRONMENT = Path.of("/proc/self/environ");

  private Variables() {}

  /**
   * Reads them as UTF-8. In a locale without UTF-8 the JVM would lose letters outside ASCII; there
   * the system is asked itself, where it answers. Bytes that are no UTF-8 become U+FFFD.
   */
  static Map<String, String> read() {
    Charset locale = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), null);
    if (StandardCharsets.UTF_8.equals(locale) || !Files.isReadable(ENVIRONMENT)) {
      return System.getenv();
    }
    try {
      return parse(Files.readAllBytes(ENVIRONMENT));
    } catch (IOException _) {
      return System.getenv();
    }
  }

  /** From entries of the form {@code NAME=value}, each with a zero behind it. */
  static Map<String, String> parse(byte[] entries) {
    Map<String, String> variables = new HashMap<>();
    for (String entry : new String(entries, StandardCharsets.UTF_8).split("\0", -1)) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        variables.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    return variables;
  }
}
