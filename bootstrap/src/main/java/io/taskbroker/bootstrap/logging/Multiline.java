package io.taskbroker.bootstrap.logging;

/** A text that is logged as it stands, line by line; anything else that is logged is one line. */
public record Multiline(String text) {
  @Override
  public String toString() {
    return text;
  }
}
