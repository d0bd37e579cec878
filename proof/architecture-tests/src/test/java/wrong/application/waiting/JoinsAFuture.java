package wrong.application.waiting;

import java.util.concurrent.CompletableFuture;

/** Waits for a completion. */
final class JoinsAFuture {
  String answer(CompletableFuture<String> later) {
    return later.join();
  }
}
