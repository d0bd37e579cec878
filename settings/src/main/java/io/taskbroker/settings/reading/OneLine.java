package io.taskbroker.settings.reading;

/**
 * Makes text that comes from others fit to be shown: it begins no line, commands no terminal and
 * does not change the direction of what follows. Each such character is written as its number.
 */
public final class OneLine {
  private OneLine() {}

  public static String of(String text) {
    var line = new StringBuilder(text.length());
    append(line, text);
    return line.toString();
  }

  /** Adds {@code text} to {@code line}, made fit. */
  public static void append(StringBuilder line, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        line.append("\\n");
      } else if (isCommand(c)) {
        line.append("\\u%04x".formatted((int) c));
      } else {
        line.append(c);
      }
    }
  }

  /** Whether it begins a line, commands a terminal, or changes the direction of what follows. */
  public static boolean isCommand(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      case Character.FORMAT -> // the others join letters, or part them
          Character.getDirectionality(c) != Character.DIRECTIONALITY_BOUNDARY_NEUTRAL;
      default -> false;
    };
  }
}
