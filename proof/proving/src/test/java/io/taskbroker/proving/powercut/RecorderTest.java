package io.taskbroker.proving.powercut;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.taskbroker.workload.process.ChildProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  void recordsWhatAJvmDoesToTheStoreAndNothingElse() throws IOException {
    var recorder = Recorder.build(folder);
    assumeThat(recorder).as("a C compiler").isPresent();
    Path store = Files.createDirectory(folder.resolve("store"));
    Path record = folder.resolve("record");
    List<String> command = new ArrayList<>(recorder.orElseThrow().wrapper(store, "db", record));
    command.addAll(
        ChildProcess.java(
            "64m",
            List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Scribe.class.getName(),
                store.toString())));
    for (int process = 1; process <= 2; process++) {
      try (var child = ChildProcess.start(command, folder.resolve("output"))) {
        assertThat(child.awaitExit(PATIENCE)).as(child.output()).isZero();
      }
    }

    assertThat(recorded(record))
        .containsExactly(
            "C db.new",
            "W 0 hello",
            "T 2",
            "B scribe",
            "E 3 scribe",
            "R db.new db",
            "L db db.2",
            "B scribe",
            "E 7 scribe",
            "U db",
            "U db.2",
            "C db.new",
            "W 0 hello",
            "T 2",
            "B scribe",
            "E 14 scribe",
            "R db.new db",
            "L db db.2",
            "B scribe",
            "E 18 scribe",
            "U db",
            "U db.2");
  }

  private static List<String> recorded(Path record) {
    List<String> texts = new ArrayList<>();
    try (var recording = new Recording(record)) {
      for (Entry entry = recording.next(); entry != null; entry = recording.next()) {
        texts.add(
            entry.kind()
                + switch (entry.kind()) {
                  case Entry.CREATED, Entry.REMOVED -> " " + entry.name();
                  case Entry.RENAMED, Entry.LINKED -> " " + entry.name() + " " + entry.newName();
                  case Entry.WRITTEN ->
                      " " + entry.number() + " " + new String(entry.data(), UTF_8);
                  case Entry.CUT -> " " + entry.number();
                  case Entry.SYNC_BEGUN -> " " + entry.thread();
                  default -> " " + entry.number() + " " + entry.thread();
                });
      }
    }
    return texts;
  }

  /** Runs in the recorded process. */
  static final class Scribe {
    private Scribe() {}

    public static void main(String[] arguments) throws InterruptedException {
      Path folder = Path.of(arguments[0]);
      var thread = new Thread(() -> write(folder), "scribe");
      thread.start();
      thread.join();
    }

    private static void write(Path folder) {
      try {
        Files.writeString(folder.resolve("other"), "not recorded");
        Files.writeString(folder.resolve("db-shm"), "nor this");
        Path draft = folder.resolve("db.new");
        try (var file =
            FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          file.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
          file.truncate(2);
          file.force(false);
        }
        Files.move(draft, folder.resolve("db"));
        Files.createLink(folder.resolve("db.2"), folder.resolve("db"));
        try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
          names.force(true);
        }
        Files.delete(folder.resolve("db"));
        Files.delete(folder.resolve("db.2"));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
