package io.taskbroker.embeddedpostgres;

import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;

/**
 * The programs of the newer server, from the jar that lies beside this class. The older server's
 * are on the class path.
 */
enum NewerServer implements PgBinaryResolver {
  BINARIES;

  private static final String JAR = "newer-server.jar";

  @Override
  public InputStream getPgBinary(String system, String machineHardware) throws IOException {
    InputStream jar = NewerServer.class.getResourceAsStream(JAR);
    if (jar == null) {
      throw new FileNotFoundException(JAR);
    }
    var entries = new JarInputStream(jar);
    JarEntry entry = entries.getNextJarEntry();
    while (entry != null && !entry.getName().endsWith(".txz")) {
      entry = entries.getNextJarEntry();
    }
    if (entry == null) {
      entries.close();
      throw new FileNotFoundException("a server in " + JAR);
    }
    return entries;
  }
}
