#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fleet::agents {

/// FlashSAC (Kim et al., arXiv 2604.04539), whose settings for CPU simulators these are; with
/// network: mlp and critic: mse soft actor-critic as of 2018 (Haarnoja et al., arXiv 1812.05905).
struct FlashSacConfig {
  // Set by who makes the agent, from the run's own settings; not read from files.
  std::int64_t num_updates = 1'000'000;  ///< of the configured run; the schedule's length
  std::uint64_t seed = 1;
  int num_threads = 0;  ///< 0: one per core; the result does not depend on it

  // Collection.
  int num_steps = 1000;            ///< env steps per iteration: how often there is a line of output
  int transitions_per_update = 1;  ///< one update for so many new ones
  std::int64_t buffer_size = 1'000'000;  ///< transitions
  std::int64_t min_buffer = 10'000;      ///< transitions collected before the first update
  double action_scale = 1.0;  ///< share of the task's action bound that the policy makes use of
  double warmup_scale = 1.0;  ///< until then actions are uniform in +- this share of that
  int n_step = 1;
  bool exact_discount = true;  ///< gamma^k where an episode cut the window after k steps; false:
                               ///< the authors' gamma^n always
  int max_noise_repeat = 16;   ///< steps that exploration noise may be held; 1: drawn every step
  std::string sampler = "uniform";  ///< uniform | age: the newest come more often
  double age_horizon = 80'000.0;    ///< env steps after which a transition's weight is lowest (0.1)
  bool asymmetric = true;           ///< the critic sees the env's group "critic" where there is one
  bool randomise_episode_clocks = false;  ///< at the start, so that time-outs come evenly

  // Networks.
  std::string network = "residual";  ///< residual | mlp
  std::string actor_head = "unit";  ///< unit: orthonormal rows, projected as all others; small: its
                                    ///< first actions are near 0, and it grows freely
  int actor_width = 128;             ///< residual
  int actor_blocks = 2;
  int critic_width = 256;
  int critic_blocks = 2;
  std::vector<int> hidden_dims{256, 256};  ///< mlp, actor and critics
  int num_critics = 2;
  bool projection = true;  ///< of weights and norms after each step; residual only
  std::string precision = "float32";  ///< float32 | bfloat16: of what matrix products multiply in
                                      ///< an update; sums, parameters and all else stay float32
  double min_log_std = -10.0;
  double max_log_std = 2.0;
  double log_std_drop = 0.0;  ///< by how much both sink until the end of the run (half a cosine)

  // Update.
  int batch_size = 512;
  std::string symmetry = "none";  ///< none | augment: half of the transitions drawn are learnt from
                                  ///< as the mirror images that the task declares
  double gamma = 0.99;
  double tau = 0.01;                   ///< of the target critic
  std::string critic = "categorical";  ///< categorical | mse
  int num_bins = 101;
  double max_value = 5.0;     ///< the bins span +- this
  bool scale_rewards = true;  ///< so that discounted returns fit the bins
  std::string twin = "min";   ///< min | mean, over the critics
  double mean_penalty = 0.0;  ///< times half the square of the means before the tanh, in the loss of
                              ///< the actor: what the critics do not gainsay stays near 0
  int actor_period = 2;       ///< updates of the critics per update of actor and temperature
  double learning_rate = 3e-4;
  double final_learning_rate = 1.5e-4;  ///< at the end of a cosine over num_updates
  double actor_learning_rate = 0.0;        ///< 0: as the critics'
  double final_actor_learning_rate = 0.0;  ///< where the actor has its own, which may also rise
  double initial_temperature = 0.01;
  double target_sigma = 0.15;  ///< the target entropy is that of a Gaussian of this width, per
                               ///< action component in +-1; 0: minus the number of components

  /// Returns what is wrong, naming the field, or nothing.
  std::string validate() const;

  void fields(auto&& visit) {
    visit("num_steps", num_steps);
    visit("transitions_per_update", transitions_per_update);
    visit("buffer_size", buffer_size);
    visit("min_buffer", min_buffer);
    visit("action_scale", action_scale);
    visit("warmup_scale", warmup_scale);
    visit("n_step", n_step);
    visit("exact_discount", exact_discount);
    visit("max_noise_repeat", max_noise_repeat);
    visit("sampler", sampler);
    visit("age_horizon", age_horizon);
    visit("asymmetric", asymmetric);
    visit("randomise_episode_clocks", randomise_episode_clocks);
    visit("network", network);
    visit("actor_head", actor_head);
    visit("actor_width", actor_width);
    visit("actor_blocks", actor_blocks);
    visit("critic_width", critic_width);
    visit("critic_blocks", critic_blocks);
    visit("hidden_dims", hidden_dims);
    visit("num_critics", num_critics);
    visit("projection", projection);
    visit("precision", precision);
    visit("min_log_std", min_log_std);
    visit("max_log_std", max_log_std);
    visit("log_std_drop", log_std_drop);
    visit("batch_size", batch_size);
    visit("symmetry", symmetry);
    visit("gamma", gamma);
    visit("tau", tau);
    visit("critic", critic);
    visit("num_bins", num_bins);
    visit("max_value", max_value);
    visit("scale_rewards", scale_rewards);
    visit("twin", twin);
    visit("mean_penalty", mean_penalty);
    visit("actor_period", actor_period);
    visit("learning_rate", learning_rate);
    visit("final_learning_rate", final_learning_rate);
    visit("actor_learning_rate", actor_learning_rate);
    visit("final_actor_learning_rate", final_actor_learning_rate);
    visit("initial_temperature", initial_temperature);
    visit("target_sigma", target_sigma);
  }
};

}  // namespace fleet::agents
