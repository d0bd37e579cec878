package io.taskbroker.settings.reading;

import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The core schema of YAML 1.2 in place of SnakeYAML's 1.1: {@code yes} and {@code on} are texts,
 * and so is a number with leading zeros.
 */
final class CoreSchema extends Resolver {
  private static final Pattern WHOLE_NUMBER =
      Pattern.compile("[-+]?(?:0|[1-9][0-9]*)|[-+]?0x[0-9a-fA-F]+|[-+]?0o[0-7]+|[-+]?0b[01]+");
  private static final Pattern FRACTIONAL_NUMBER =
      Pattern.compile(
          "[-+]?(?:\\.[0-9]+|[0-9]+\\.[0-9]*)(?:[eE][-+]?[0-9]+)?"
              + "|[-+]?(?:0|[1-9][0-9]*)[eE][-+]?[0-9]+"
              + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)");

  @Override
  protected void addImplicitResolvers() {
    addImplicitResolver(Tag.BOOL, Pattern.compile("true|True|TRUE|false|False|FALSE"), "tTfF");
    addImplicitResolver(Tag.INT, WHOLE_NUMBER, "-+0123456789");
    addImplicitResolver(Tag.FLOAT, FRACTIONAL_NUMBER, "-+.0123456789");
    addImplicitResolver(Tag.NULL, Pattern.compile("~|null|Null|NULL|"), "~nN\0");
    addImplicitResolver(Tag.NULL, EMPTY, null);
  }
}
