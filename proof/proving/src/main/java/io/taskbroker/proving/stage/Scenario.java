package io.taskbroker.proving.stage;

/** One promise of the broker, tried on the packaged one. */
public interface Scenario {
  /** What it is called on the command line. */
  String name();

  /** What is promised, in a line. */
  String promise();

  /** Plays it. What goes wrong with the stage itself is thrown; it has then not held. */
  Verdict play(Stage stage);
}
