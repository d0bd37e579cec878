package io.taskbroker.bootstrap.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import io.taskbroker.settings.reading.OneLine;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/** One line for people: time, level, target, message, {@code key=value} for each field. */
final class TextLayout extends LayoutBase<ILoggingEvent> {
  /** How a line is marked up. */
  enum Style {
    PLAIN,
    COLOURED
  }

  static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(6).toFormatter();

  private static final String DIM = "2";

  private final Style style;

  TextLayout(Style style) {
    this.style = style;
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    var line = new StringBuilder(160);
    line.append(marked(DIM, TIME.format(event.getInstant()))).append(' ');
    appendLevel(line, event.getLevel());
    line.append(' ').append(marked(DIM, event.getLoggerName() + ":")).append(' ');
    OneLine.append(line, event.getFormattedMessage());
    var blocks = new StringBuilder();
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair field : event.getKeyValuePairs()) {
        appendField(line, blocks, field);
      }
    }
    line.append('\n').append(blocks);
    appendThrown(line, event.getThrowableProxy());
    return line.toString();
  }

  /** Right-aligned with blanks outside of the colour, so that an error begins with its colour. */
  private void appendLevel(StringBuilder line, Level level) {
    line.repeat(' ', Math.max(0, 5 - level.levelStr.length()));
    line.append(marked(colourOf(level), level.levelStr));
  }

  private static String colourOf(Level level) {
    return switch (level.toInt()) {
      case Level.ERROR_INT -> "31";
      case Level.WARN_INT -> "33";
      case Level.INFO_INT -> "32";
      case Level.DEBUG_INT -> "34";
      default -> "35";
    };
  }

  private String marked(String code, String text) {
    return switch (style) {
      case PLAIN -> text;
      case COLOURED -> "\u001b[" + code + "m" + text + "\u001b[0m";
    };
  }

  private static void appendField(StringBuilder line, StringBuilder blocks, KeyValuePair field) {
    if (field.value instanceof Multiline(String text)) {
      blocks.append("  ").append(field.key).append(":\n").append(text.indent(4));
    } else {
      line.append(' ').append(field.key).append('=');
      OneLine.append(line, String.valueOf(field.value));
    }
  }

  /** Indented, so that a message with several lines has none that looks like one of ours. */
  private static void appendThrown(StringBuilder line, @Nullable IThrowableProxy thrown) {
    if (thrown != null) {
      for (String part : ThrowableProxyUtil.asString(thrown).lines().toList()) {
        OneLine.append(line.append("  "), part.replace("\t", "  "));
        line.append('\n');
      }
    }
  }
}
