package io.taskbroker.bootstrap;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Where the program begins. */
final class Main {
  /** What the JVM makes of bytes that its locale does not know. */
  private static final String UNREADABLE = "\uFFFD";

  /** How the reference's image calls its program. */
  private static final String NAME_IN_IMAGES = "/opt/taskbroker";

  private static final String NETTY_MAY_REFLECT =
      "io.grpc.netty.shaded.io.netty.tryReflectionSetAccessible";

  private Main() {}

  public static void main(String[] args) {
    // Netty then makes its buffers without the JVM's bookkeeping, which stops whole event loops for
    // seconds when memory for them is short. The manifest opens what it needs for that.
    System.setProperty(NETTY_MAY_REFLECT, "true");
    System.setOut(utf8(FileDescriptor.out));
    System.setErr(utf8(FileDescriptor.err));
    List<String> words = withoutProgram(Arrays.asList(args));
    if (words.stream().anyMatch(word -> word.contains(UNREADABLE))) {
      System.err.println(
          "taskbroker: an argument has letters that cannot be read in this locale. Set a UTF-8"
              + " locale, such as LC_ALL=C.UTF-8");
      System.exit(1);
    }
    System.exit(TaskbrokerCommand.line(Variables.read()).execute(words.toArray(String[]::new)));
  }

  /** What we write is UTF-8, whatever the locale. */
  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /**
   * Docker Compose files for the reference's image name its program as the first word of the
   * command. Behind an entry point that word comes as an argument.
   */
  static List<String> withoutProgram(List<String> args) {
    boolean isNamed = !args.isEmpty() && args.getFirst().equals(NAME_IN_IMAGES);
    return isNamed ? args.subList(1, args.size()) : args;
  }
}
