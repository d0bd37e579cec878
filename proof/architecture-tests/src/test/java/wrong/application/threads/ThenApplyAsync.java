package wrong.application.threads;

import java.util.concurrent.CompletionStage;

/** Goes on in the pool that belongs to everybody. */
final class ThenApplyAsync {
  CompletionStage<Integer> goOn(CompletionStage<String> stage) {
    return stage.thenApplyAsync(String::length);
  }
}
