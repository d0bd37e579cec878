package io.taskbroker.adapters.sqlite;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Another process on the same machine, and what it does to a store's file. */
final class OtherProcess implements AutoCloseable {
  /** Some seconds' worth would be tens of thousands. */
  private static final int TURNS = 2_000;

  private final Process process;
  private final BufferedReader output;

  private OtherProcess(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * @param role {@code hold} opens the store and says so, or says why not; {@code write} opens it
   *     and says each key that it has written; {@code count} says how many rows the view shows;
   *     {@code take} takes it as a tool, time and again, and says how that went
   */
  static OtherProcess start(String role, Path file, String... jvmOptions) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(OtherProcess.class.getName(), role, file.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return new OtherProcess(builder.start());
  }

  long pid() {
    return process.pid();
  }

  /** The next line that it says. */
  String line() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the other process has ended");
    }
    return line;
  }

  /** The next line that contains {@code text}; others, of a logger say, are passed over. */
  String lineWith(String text) throws IOException {
    String line = line();
    while (!line.contains(text)) {
      line = line();
    }
    return line;
  }

  /** Ends it as the kernel would; what it said before can still be read. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() throws IOException {
    kill();
    output.close();
  }

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "hold" -> hold(file);
      case "write" -> write(file);
      case "count" -> System.out.println(count(file));
      case "take" -> System.out.println(take(file));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static void hold(Path file) throws IOException {
    try (SqliteJournal _ = Groups.open(file)) {
      System.out.println("held");
      System.in.read();
    } catch (UnusableFileException e) {
      System.out.println(e.getMessage());
    }
  }

  private static void write(Path file) {
    try (SqliteJournal journal = Groups.open(file)) {
      for (long key = 1; ; key += 2) {
        Groups.apply(journal, Groups.insertPending(key, key + 1, 1_000));
        System.out.println(key + 1);
      }
    }
  }

  /** Whoever holds the file has a mark beside it that nobody else has then. */
  private static String take(Path file) throws IOException {
    Path mark = file.resolveSibling("mark");
    for (int taken = 0; taken < TURNS; ) {
      try (FileGuard _ = FileGuard.acquireForATool(file)) {
        Files.createFile(mark);
        Files.delete(mark);
        taken++;
      } catch (UnusableFileException _) {
        Thread.onSpinWait(); // it is the other's turn
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        return "held by two: " + e;
      }
    }
    return "took it in turns";
  }

  static long count(Path file) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM inflight_taskactivations")) {
      row.next();
      return row.getLong(1);
    }
  }
}
