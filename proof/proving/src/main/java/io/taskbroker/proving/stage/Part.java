package io.taskbroker.proving.stage;

import java.util.List;

/** One thing that happens in a scenario of several. */
public interface Part {
  /** Plays it, and adds what it has shown to the verdict of the whole. */
  void play(Stage stage, Verdict verdict);

  /** Plays them one after the other, each in a folder of its own. */
  static Verdict playAll(List<Part> parts, Stage stage) {
    Verdict verdict = new Verdict();
    for (Part part : parts) {
      String name = part.getClass().getSimpleName();
      part.play(stage.in(name), verdict);
      stage.say(name + " played");
    }
    return verdict;
  }
}
