package wrong.application;

import java.io.IOException;

/** A port that tells what it is made of. */
interface LeakyPort {
  void call() throws IOException;
}
