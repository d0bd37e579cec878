package wrong.domain;

/** A rule that depends on luck. */
final class FlipsACoin {
  boolean heads() {
    return Math.random() < 0.5;
  }
}
