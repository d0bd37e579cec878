package io.taskbroker.settings.reading;

import java.math.BigInteger;
import java.util.Locale;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/** One plain or quoted value of a YAML file. */
public final class YamlScalar {
  private YamlScalar() {}

  /** What it stands for in the core schema of YAML 1.2. */
  public static Node read(ScalarNode scalar, Origin origin) {
    String text = scalar.getValue();
    Tag tag = scalar.getTag();
    try {
      if (tag.equals(Tag.NULL)) {
        return new Node.Null(origin);
      }
      if (tag.equals(Tag.BOOL)) {
        return new Node.Flag(text.toLowerCase(Locale.ROOT).equals("true"), origin);
      }
      if (tag.equals(Tag.INT)) {
        return new Node.Whole(wholeNumber(text), origin);
      }
      if (tag.equals(Tag.FLOAT)) {
        return new Node.Fraction(fraction(text), origin);
      }
      return new Node.Text(text, origin);
    } catch (NumberFormatException e) { // an explicit tag such as !!int before something else
      return new Node.Text(text, origin);
    }
  }

  private static BigInteger wholeNumber(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    int radix =
        digits.startsWith("0x")
            ? 16
            : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 10;
    var value = new BigInteger(radix == 10 ? digits : digits.substring(2), radix);
    return negative ? value.negate() : value;
  }

  private static double fraction(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
      case "-.inf" -> Double.NEGATIVE_INFINITY;
      case ".nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }
}
