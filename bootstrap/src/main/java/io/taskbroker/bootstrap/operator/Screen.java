package io.taskbroker.bootstrap.operator;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The whole of a terminal, for pictures that take each other's place. What was there before is back
 * after {@link #leave}. Safe for all threads.
 */
final class Screen {
  /** The other screen, which does not scroll, and no cursor: what xterm and all after it know. */
  private static final String ENTER = "\033[?1049h\033[?25l";

  private static final String LEAVE = "\033[?25h\033[?1049l";
  private static final String HOME = "\033[H";
  private static final String CLEAR_LINE = "\033[K";
  private static final String CLEAR_BELOW = "\033[J";

  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})");

  private final PrintWriter out;
  private final Supplier<Size> size;
  private boolean isOurs;
  private boolean hasLeft;

  /** In letters. */
  record Size(int lines, int columns) {
    /** Of a terminal that does not say. */
    static final Size USUAL = new Size(24, 80);
  }

  Screen(PrintWriter out, Supplier<Size> size) {
    this.out = out;
    this.size = size;
  }

  /** Makes a picture for a terminal of some size. */
  @FunctionalInterface
  interface Picture {
    List<String> of(Size size);
  }

  /** Shows a picture, cut where it is too large; nothing after {@link #leave}. */
  synchronized void show(Picture picture) {
    if (hasLeft) {
      return;
    }
    Size now = size.get();
    StringBuilder all = new StringBuilder(isOurs ? "" : ENTER);
    isOurs = true;
    all.append(HOME);
    List<String> lines = picture.of(now);
    int shown = Math.min(lines.size(), now.lines());
    for (int i = 0; i < shown; i++) {
      String line = lines.get(i);
      all.append(line, 0, Math.min(line.length(), now.columns())).append(CLEAR_LINE);
      all.append(i < shown - 1 ? "\r\n" : "");
    }
    out.print(all.append(CLEAR_BELOW));
    out.flush();
  }

  /** Gives the terminal back as it was. */
  synchronized void leave() {
    hasLeft = true;
    if (isOurs) {
      isOurs = false;
      out.print(LEAVE);
      out.flush();
    }
  }

  // ---------------------------------------------------------------- the terminal

  /** Whether somebody looks and types, and not a file or another program. */
  @SuppressWarnings("SystemConsoleNull") // since JDK 25 it is null again where nobody types
  static boolean isThere(String term) {
    return System.console() != null && System.console().isTerminal() && !term.equals("dumb");
  }

  /** The size of the terminal now: it may change at any time. */
  static Size ofTerminal() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Matcher said =
          SIZE.matcher(
              new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
      return said.matches()
          ? new Size(Integer.parseInt(said.group(1)), Integer.parseInt(said.group(2)))
          : Size.USUAL;
    } catch (IOException _) { // there is no stty, or no such device
      return Size.USUAL;
    }
  }
}
