package io.taskbroker.settings.reading;

import java.nio.file.Path;

/** Where a value was written. */
public sealed interface Origin {
  /** In words for an operator, short enough for the end of a line. */
  String describe();

  /** Nobody wrote it: it comes with the program. */
  record BuiltIn() implements Origin {
    @Override
    public String describe() {
      return "default";
    }
  }

  /**
   * @param line counted from 1
   */
  record InFile(Path file, int line) implements Origin {
    @Override
    public String describe() {
      return file.getFileName() + ":" + line;
    }
  }

  record InEnvironment(String variable) implements Origin {
    @Override
    public String describe() {
      return variable;
    }
  }

  /** Written under another name, from which the program derived it. */
  record As(String name, Origin written) implements Origin {
    @Override
    public String describe() {
      return written instanceof BuiltIn ? "from " + name : written.describe() + " as " + name;
    }
  }
}
