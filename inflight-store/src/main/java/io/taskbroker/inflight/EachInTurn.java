package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the engine the same about a number of things, in as many turns as that takes.
 *
 * @param <Q> one of these things
 * @param <A> what becomes of one
 */
final class EachInTurn<Q, A> extends Command<List<A>> {
  private final List<Q> questions;
  private final Question<Q, A> question;
  private final Function<Q, String> idOf;
  private final A unstored;
  private final List<A> answers;
  private int written;

  /** Asks about one of them. */
  @FunctionalInterface
  interface Question<Q, A> {
    A ask(InflightEngine engine, Q of, Moment now);
  }

  /**
   * @param idOf the activation that one is about
   * @param unstored what becomes of those whose rows cannot be written and are put aside
   */
  EachInTurn(
      StoreCall call,
      Moment queuedAt,
      List<Q> questions,
      Question<Q, A> question,
      Function<Q, String> idOf,
      A unstored) {
    super(call, queuedAt);
    this.questions = List.copyOf(questions);
    this.question = question;
    this.idOf = idOf;
    this.unstored = unstored;
    this.answers = new ArrayList<>(questions.size());
  }

  @Override
  long broughtBytes() {
    return Brought.bytes(questions, idOf);
  }

  @Override
  boolean decide(InflightEngine engine, Moment now) {
    answers.subList(written, answers.size()).clear();
    while (answers.size() < questions.size() && !engine.budget().isSpent()) {
      engine.look();
      answers.add(question.ask(engine, questions.get(answers.size()), now));
    }
    return answers.size() == questions.size();
  }

  @Override
  void written() {
    written = answers.size();
  }

  @Override
  @Nullable StoreException narrowed(InflightEngine engine) {
    for (int i = 0; i < answers.size(); i++) {
      if (engine.isPutAside(idOf.apply(questions.get(i)))) {
        answers.set(i, unstored);
      }
    }
    return null;
  }

  @Override
  List<A> answer(List<Delivered> delivered) {
    return List.copyOf(answers);
  }
}
