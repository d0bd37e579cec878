package io.taskbroker.proving.powercut;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Puts a file where it is recorded, as one that has been there for long: all of it is synced. Runs
 * in a recorded process of its own.
 */
public final class RecordedCopy {
  private RecordedCopy() {}

  /**
   * @param arguments the file, and its place, both absolute
   */
  public static void main(String[] arguments) throws IOException {
    Path place = Path.of(arguments[1]);
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(Path.of(arguments[0])));
    try (FileChannel file =
        FileChannel.open(place, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (content.hasRemaining()) {
        file.write(content);
      }
      file.force(true);
    }
    try (FileChannel folder = FileChannel.open(place.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}
