package io.taskbroker.bootstrap.operator;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that asks, or orders, and shows the answer: as people read it, or as JSON. */
public abstract class Question implements Callable<Integer> {
  static final int DONE = 0;
  static final int NOTHING = 1;

  @Mixin private @Nullable BrokerLink link;
  @Spec private @Nullable CommandSpec spec;

  /** Asks the broker. */
  abstract Map<String, Object> ask(BrokerLink broker);

  /** Shows the answer to people. */
  abstract void show(Map<String, Object> answer, PrintWriter out);

  /** The exit code that goes with the answer. */
  int code(Map<String, Object> answer) {
    return DONE;
  }

  @Override
  public Integer call() {
    if (link == null) {
      throw new IllegalStateException("not called through picocli");
    }
    Map<String, Object> answer = ask(link);
    PrintWriter out = command().commandLine().getOut();
    if (link.isJson()) {
      out.println(BrokerLink.text(answer));
    } else {
      show(answer, out);
      link.printResults(out);
    }
    out.flush();
    return link.hasFailedInPart() ? NOTHING : code(answer);
  }

  CommandSpec command() {
    if (spec == null) {
      throw new IllegalStateException("not called through picocli");
    }
    return spec;
  }
}
