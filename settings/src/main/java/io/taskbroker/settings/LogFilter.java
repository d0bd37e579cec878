package io.taskbroker.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which levels are logged for which targets, as written in {@code log_filter}: {@code level} for
 * all of them and {@code target=level} for those whose names begin with {@code target}.
 *
 * @param directives those with longer targets first
 * @param ignored what was written and is no directive
 */
public record LogFilter(List<Directive> directives, List<String> ignored) {
  /**
   * One rule.
   *
   * @param target with which a logger's name begins; empty for all
   */
  public record Directive(String target, LogLevel level) {
    private static final String TARGET = "[\\w:.$-]*";

    public Directive {
      if (!target.matches(TARGET)) {
        throw new IllegalArgumentException(
            "'%s' is no target: it has letters, digits and any of _ : . $ -".formatted(target));
      }
    }

    /**
     * What is meant by these words.
     *
     * @param target empty for all
     * @throws IllegalArgumentException if there is no such level, or that is no target
     */
    public static Directive of(String target, String level) {
      return new Directive(
          libraryBehind(target),
          LogFilter.level(level)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'%s' is no level: there are off, error, warn, info, debug and trace"
                              .formatted(level))));
    }
  }

  /**
   * Libraries that talk much. Anything written for the same or a longer target takes their place.
   *
   * <p>What the Kafka client says about connections that it cannot make, or that are refused, and
   * about what it may not do, it says several times a second, in part with its whole stack; the
   * broker explains it once.
   */
  private static final List<Directive> QUIET_LIBRARIES =
      List.of(
          new Directive("org.apache.kafka", LogLevel.WARN),
          new Directive("org.apache.kafka.clients.NetworkClient", LogLevel.OFF),
          new Directive(
              "org.apache.kafka.clients.admin.internals.AdminMetadataManager", LogLevel.OFF),
          new Directive(
              "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator", LogLevel.OFF),
          new Directive(
              "org.apache.kafka.clients.consumer.internals.FetchCollector", LogLevel.ERROR),
          new Directive("org.apache.kafka.clients.ClientUtils", LogLevel.ERROR),
          new Directive("io.grpc", LogLevel.WARN),
          new Directive("org.eclipse.jetty", LogLevel.WARN),
          new Directive("org.eclipse.jetty.server.AbstractConnector", LogLevel.OFF),
          new Directive("com.zaxxer.hikari", LogLevel.WARN),
          new Directive("com.zaxxer.hikari.pool.PoolBase", LogLevel.ERROR),
          new Directive("com.zaxxer.hikari.pool.ProxyConnection", LogLevel.ERROR));

  /** Lets nothing through. */
  public static final LogFilter NOTHING =
      new LogFilter(List.of(new Directive("", LogLevel.OFF)), List.of());

  public LogFilter {
    directives = List.copyOf(directives);
    ignored = List.copyOf(ignored);
  }

  public static LogFilter parse(String text) {
    List<Directive> directives = new ArrayList<>(QUIET_LIBRARIES);
    List<String> ignored = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      String directive = word.strip();
      if (!directive.isEmpty()) {
        parseOne(directive).ifPresentOrElse(directives::addLast, () -> ignored.add(directive));
      }
    }
    // The later of two equal ones comes first, and wins.
    List<Directive> longestFirst = new ArrayList<>(directives.reversed());
    longestFirst.sort(Comparator.comparingInt((Directive d) -> d.target().length()).reversed());
    return new LogFilter(longestFirst, ignored);
  }

  /** The same, but for this one, which takes the place of those for the same target. */
  public LogFilter with(Directive directive) {
    List<Directive> all = new ArrayList<>(List.of(directive));
    all.addAll(directives);
    all.sort(Comparator.comparingInt((Directive d) -> d.target().length()).reversed());
    return new LogFilter(all, ignored);
  }

  private static Optional<Directive> parseOne(String text) {
    int equals = text.lastIndexOf('=');
    String target = equals < 0 ? "" : libraryBehind(text.substring(0, equals).strip());
    return level(text.substring(equals + 1).strip())
        .filter(_ -> equals < 0 || (!target.isEmpty() && target.matches(Directive.TARGET)))
        .map(level -> new Directive(target, level));
  }

  /** Libraries that this broker has in place of those which existing filters name. */
  private static String libraryBehind(String target) {
    return switch (target) {
      case "librdkafka", "rdkafka" -> "org.apache.kafka";
      case "h2", "tonic", "hyper" -> "io.grpc";
      default -> target;
    };
  }

  private static Optional<LogLevel> level(String text) {
    return Stream.of(LogLevel.values())
        .filter(level -> level.name().equalsIgnoreCase(text))
        .findFirst();
  }

  /** The lowest level that is logged for a logger. Without any level for all, errors are. */
  public LogLevel levelOf(String logger) {
    return directives.stream()
        .filter(directive -> logger.startsWith(directive.target()))
        .findFirst()
        .map(Directive::level)
        .orElse(LogLevel.ERROR);
  }
}
