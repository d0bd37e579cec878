package io.taskbroker.settings.reading;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads the text of an environment variable as a value: {@code 5}, {@code true}, {@code "5"},
 * {@code [a, b]}, {@code {k=v}}. What does not parse to its end is a text as it stands.
 */
final class EnvironmentValue {
  private static final Pattern WHOLE_NUMBER = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern FRACTIONAL_NUMBER =
      Pattern.compile("[-+]?(?:[0-9]+\\.[0-9]*|\\.[0-9]+)(?:[eE][-+]?[0-9]+)?");
  private static final String ENDS_BARE_ELEMENT = ",{}[]";

  /** Deeper than any setting; keeps a hostile value from exhausting the stack. */
  private static final int MAX_DEPTH = 32;

  private final String text;
  private final Origin origin;
  private int at;
  private int depth;

  private EnvironmentValue(String text, Origin origin) {
    this.text = text;
    this.origin = origin;
  }

  static Node parse(String raw, Origin origin) {
    String text = raw.strip();
    if (text.isEmpty()) {
      return new Node.Null(origin);
    }
    return switch (text.charAt(0)) {
      case '"', '\'', '[', '{' -> {
        try {
          yield new EnvironmentValue(text, origin).whole();
        } catch (Unparsable _) {
          yield new Node.Text(text, origin);
        }
      }
      default -> bare(text, origin);
    };
  }

  private static Node bare(String text, Origin origin) {
    if (text.equals("true") || text.equals("false")) {
      return new Node.Flag(text.equals("true"), origin);
    }
    if (FRACTIONAL_NUMBER.matcher(text).matches()) {
      return new Node.Fraction(Double.parseDouble(text), origin);
    }
    if (WHOLE_NUMBER.matcher(text).matches()) {
      return new Node.Whole(new BigInteger(text), origin);
    }
    return new Node.Text(text, origin);
  }

  private Node whole() throws Unparsable {
    Node value = value();
    skipBlanks();
    if (at < text.length()) {
      throw new Unparsable();
    }
    return value;
  }

  private Node value() throws Unparsable {
    skipBlanks();
    return switch (peek()) {
      case '"' -> new Node.Text(quoted(), origin);
      case '\'' -> character();
      case '[' -> nested(this::sequence);
      case '{' -> nested(this::mapping);
      default -> bareElement();
    };
  }

  private Node nested(Rule rule) throws Unparsable {
    if (++depth > MAX_DEPTH) {
      throw new Unparsable();
    }
    Node value = rule.parse();
    depth--;
    return value;
  }

  private Node bareElement() throws Unparsable {
    int start = at;
    while (at < text.length() && ENDS_BARE_ELEMENT.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String element = text.substring(start, at).strip();
    if (element.isEmpty()) {
      throw new Unparsable();
    }
    return bare(element, origin);
  }

  private Node sequence() throws Unparsable {
    expect('[');
    List<Node> items = new ArrayList<>();
    skipBlanks();
    while (peek() != ']') {
      items.add(value());
      separator(']');
    }
    expect(']');
    return new Node.Sequence(items, origin);
  }

  private Node mapping() throws Unparsable {
    expect('{');
    Map<String, Node> entries = new LinkedHashMap<>();
    skipBlanks();
    while (peek() != '}') {
      String key = peek() == '"' ? quoted() : bareKey();
      skipBlanks();
      expect('=');
      entries.put(key, value());
      separator('}');
    }
    expect('}');
    return new Node.Mapping(entries, origin);
  }

  /** A comma, of which the last may be missing. */
  private void separator(char end) throws Unparsable {
    skipBlanks();
    if (peek() != end) {
      expect(',');
      skipBlanks();
    }
  }

  private String bareKey() {
    int start = at;
    while (at < text.length() && isBareKey(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isBareKey(char c) {
    return c < 128 && (Character.isLetterOrDigit(c) || c == '_' || c == '-');
  }

  private Node character() throws Unparsable {
    expect('\'');
    int codePoint = text.codePointAt(require(1));
    at += Character.charCount(codePoint);
    expect('\'');
    return new Node.Text(Character.toString(codePoint), origin);
  }

  private String quoted() throws Unparsable {
    expect('"');
    var unescaped = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      if (c == '\\') {
        escape(unescaped);
      } else {
        unescaped.append(c);
      }
    }
    expect('"');
    return unescaped.toString();
  }

  private void escape(StringBuilder into) throws Unparsable {
    char c = peek();
    at++;
    switch (c) {
      case 'b' -> into.append('\b');
      case 't' -> into.append('\t');
      case 'n' -> into.append('\n');
      case 'f' -> into.append('\f');
      case 'r' -> into.append('\r');
      case '"', '\\' -> into.append(c);
      case 'u' -> into.appendCodePoint(codePoint(4));
      case 'U' -> into.appendCodePoint(codePoint(8));
      default -> throw new Unparsable();
    }
  }

  private int codePoint(int digits) throws Unparsable {
    String hex = text.substring(require(digits), at + digits);
    at += digits;
    try {
      int codePoint = Integer.parseUnsignedInt(hex, 16);
      if (!Character.isValidCodePoint(codePoint)) {
        throw new Unparsable();
      }
      return codePoint;
    } catch (NumberFormatException _) {
      throw new Unparsable();
    }
  }

  private int require(int characters) throws Unparsable {
    if (at + characters > text.length()) {
      throw new Unparsable();
    }
    return at;
  }

  private char peek() throws Unparsable {
    return text.charAt(require(1));
  }

  private void expect(char c) throws Unparsable {
    if (peek() != c) {
      throw new Unparsable();
    }
    at++;
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private interface Rule {
    Node parse() throws Unparsable;
  }

  /** The text does not follow the grammar; it is taken as it stands. */
  private static final class Unparsable extends Exception {
    private static final long serialVersionUID = 1L;

    Unparsable() {
      super(null, null, false, false);
    }
  }
}
