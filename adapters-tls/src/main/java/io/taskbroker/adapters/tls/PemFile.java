package io.taskbroker.adapters.tls;

import java.nio.file.Path;

/**
 * A PEM file that somebody named.
 *
 * @param setting the key of the configuration that names it, for error texts
 */
public record PemFile(String setting, Path path) {
  @Override
  public String toString() {
    return setting + " (" + path + ")";
  }
}
