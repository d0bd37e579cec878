package io.taskbroker.settings.reading;

import io.taskbroker.settings.reading.Type.Unfit;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Settings that are written as texts, or as several of them. */
public final class TextTypes {
  public static final Type<String> TEXT =
      new Type<>(
          "a text",
          node ->
              switch (node) {
                case Node.Text(String text, _) -> text;
                case Node.Whole _, Node.Fraction _, Node.Flag _ ->
                    throw new Unfit("Put it in quotes" + inEnvironment(node));
                case Node.Null _, Node.Sequence _, Node.Mapping _ -> throw new Unfit();
              },
          text -> text);

  /** As a text; a path that this system can write. */
  public static final Type<String> FILE =
      new Type<>(
          "the path of a file",
          node -> {
            String text = TEXT.parser().parse(node);
            try {
              return Path.of(text).toString();
            } catch (InvalidPathException e) {
              throw new Unfit(
                  "%s. Letters outside ASCII need a UTF-8 locale, such as LC_ALL=C.UTF-8"
                      .formatted(e.getReason()));
            }
          },
          text -> text);

  public static final Type<List<String>> TEXTS =
      new Type<>("a list of texts", TextTypes::texts, texts -> texts);

  public static final Type<Map<String, String>> TEXT_BY_NAME =
      new Type<>("a mapping from names to texts", TextTypes::textByName, texts -> texts);

  private TextTypes() {}

  private static List<String> texts(Node node) throws Unfit {
    if (!(node instanceof Node.Sequence(List<Node> items, _))) {
      throw new Unfit("Write [first, second]");
    }
    List<String> texts = new ArrayList<>();
    for (Node item : items) {
      try {
        texts.add(TEXT.parser().parse(item));
      } catch (Unfit e) {
        throw new Unfit("Item " + (texts.size() + 1) + " is " + item.kind() + ". " + e.advice());
      }
    }
    return List.copyOf(texts);
  }

  private static Map<String, String> textByName(Node node) throws Unfit {
    if (!(node instanceof Node.Mapping(Map<String, Node> entries, _))) {
      throw new Unfit();
    }
    Map<String, String> texts = new TreeMap<>();
    for (var entry : entries.entrySet()) {
      try {
        texts.put(entry.getKey(), TEXT.parser().parse(entry.getValue()));
      } catch (Unfit e) {
        throw new Unfit(
            "The value of '%s' is %s. %s"
                .formatted(entry.getKey(), entry.getValue().kind(), e.advice()));
      }
    }
    return new LinkedHashMap<>(texts);
  }

  private static String inEnvironment(Node node) {
    return node.origin() instanceof Origin.InEnvironment(String variable)
        ? ", for example " + variable + "='\"…\"'"
        : "";
  }
}
