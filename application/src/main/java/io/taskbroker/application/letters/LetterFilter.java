package io.taskbroker.application.letters;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant: all that are said here has to fit.
 *
 * @param application null for any, and likewise the others
 * @param cause as {@link DeadLetter#cause} has it
 * @param chosen empty for any
 */
public record LetterFilter(
    @Nullable String application,
    @Nullable String namespace,
    @Nullable String taskname,
    @Nullable String cause,
    List<LetterPosition> chosen) {
  /** Letters that can be chosen one by one. */
  public static final int MOST_CHOSEN = 1_000;

  public static final LetterFilter ANY = new LetterFilter(null, null, null, null, List.of());

  public LetterFilter {
    SortedSet<LetterPosition> sorted = new TreeSet<>(chosen);
    if (sorted.size() > MOST_CHOSEN) {
      throw new IllegalArgumentException(
          "at most %d dead letters can be chosen one by one, were %d"
              .formatted(MOST_CHOSEN, sorted.size()));
    }
    chosen = List.copyOf(sorted);
  }

  public boolean matches(DeadLetter letter) {
    return letter.isOf(application, namespace, taskname)
        && (cause == null || cause.equals(letter.cause()))
        && mayMatch(letter.at());
  }

  /** Whether a letter may be meant, as far as its place tells. */
  boolean mayMatch(LetterPosition at) {
    return chosen.isEmpty() || java.util.Collections.binarySearch(chosen, at) >= 0;
  }

  /** For people, such as {@code application 'shop', cause 'timeout'}. */
  public String words() {
    StringBuilder words = new StringBuilder();
    add(words, "application", application);
    add(words, "namespace", namespace);
    add(words, "task", taskname);
    add(words, "cause", cause);
    if (!chosen.isEmpty()) {
      words.append(words.isEmpty() ? "" : ", ").append(chosen.size()).append(" chosen");
    }
    return words.isEmpty() ? "all" : words.toString();
  }

  private static void add(StringBuilder words, String name, @Nullable String value) {
    if (value != null) {
      words
          .append(words.isEmpty() ? "" : ", ")
          .append(name)
          .append(" '")
          .append(value)
          .append('\'');
    }
  }
}
