package io.taskbroker.settings.reading;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One key of the configuration: where it is, what may be written there, and what it means. The
 * reader, the dumps and the documentation are all made from these declarations.
 */
public final class Setting<T> {
  /** What holds when nobody writes the key. */
  public enum Absence {
    IS_AN_ERROR,
    MEANS_UNSET,
    MEANS_DEFAULT
  }

  /**
   * @param demand completes "must …"
   */
  public record Rule<T>(String demand, Predicate<T> holds) {}

  /** A name that the key had in earlier versions, at the top level, perhaps with another type. */
  public record Former<T>(String path, Type<T> type) {}

  private final String path;
  private final Type<T> type;
  private final Absence absence;
  private final @Nullable T fallback;
  private List<Rule<T>> rules = List.of();
  private @Nullable Former<T> former;
  private boolean secret;
  private boolean idle;
  private String meaning = "";

  private Setting(String path, Type<T> type, Absence absence, @Nullable T fallback) {
    this.path = path;
    this.type = type;
    this.absence = absence;
    this.fallback = fallback;
  }

  public static <T> Setting<T> of(String path, Type<T> type, T fallback) {
    return new Setting<>(path, type, Absence.MEANS_DEFAULT, fallback);
  }

  /** With a default, but it may also be emptied. */
  public static <T> Setting<T> optional(String path, Type<T> type, T fallback) {
    return new Setting<>(path, type, Absence.MEANS_UNSET, fallback);
  }

  public static <T> Setting<T> optional(String path, Type<T> type) {
    return new Setting<>(path, type, Absence.MEANS_UNSET, null);
  }

  public static <T> Setting<T> required(String path, Type<T> type) {
    return new Setting<>(path, type, Absence.IS_AN_ERROR, null);
  }

  // What follows completes a declaration, and is called nowhere else.

  public Setting<T> must(String demand, Predicate<T> holds) {
    List<Rule<T>> more = new ArrayList<>(rules);
    more.add(new Rule<>(demand, holds));
    rules = List.copyOf(more);
    return this;
  }

  public Setting<T> formerly(String name) {
    return formerly(name, type);
  }

  public Setting<T> formerly(String name, Type<T> itsType) {
    former = new Former<>(name, itsType);
    return this;
  }

  public Setting<T> secret() {
    secret = true;
    return this;
  }

  /**
   * It is read and checked, so that configurations which have it go on to work, and changes nothing
   * in this version. What it {@link #means} says why.
   */
  public Setting<T> idle() {
    idle = true;
    return this;
  }

  public Setting<T> means(String sentence) {
    meaning = sentence;
    return this;
  }

  public String path() {
    return path;
  }

  public Type<T> type() {
    return type;
  }

  public Absence absence() {
    return absence;
  }

  public @Nullable T fallback() {
    return fallback;
  }

  public List<Rule<T>> rules() {
    return rules;
  }

  public Optional<Former<T>> former() {
    return Optional.ofNullable(former);
  }

  public boolean isSecret() {
    return secret;
  }

  public boolean isIdle() {
    return idle;
  }

  public String meaning() {
    return meaning;
  }

  @Override
  public String toString() {
    return path;
  }
}
