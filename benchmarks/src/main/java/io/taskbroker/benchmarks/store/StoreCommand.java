package io.taskbroker.benchmarks.store;

import io.taskbroker.benchmarks.Figures;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The store beside the baseline. */
@Command(
    name = "store",
    description = "Our store beside one that decides in SQL, both on real files in one run.",
    mixinStandardHelpOptions = true)
public final class StoreCommand implements Callable<Integer> {
  @Option(names = "--quick", description = "The cases that matter most, in two to three minutes.")
  private boolean quick;

  @Override
  public Integer call() throws RunnerException {
    var figures = new Figures(System.out);
    new StoreComparison(quick ? Thoroughness.QUICK : Thoroughness.FULL, figures).run();
    figures.print();
    return 0;
  }
}
