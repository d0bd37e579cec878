package wrong.domain;

/** A value that changes. */
final class ChangesItsMind {
  int mind;

  void change() {
    mind++;
  }
}
