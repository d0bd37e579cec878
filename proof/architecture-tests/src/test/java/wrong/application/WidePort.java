package wrong.application;

/** A port for everybody. */
interface WidePort {
  void needOne();

  void needTwo();

  void needThree();

  void needFour();

  void needFive();

  void needSix();

  void needSeven();

  void needEight();

  void needNine();

  void needTen();
}
