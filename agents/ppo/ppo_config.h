#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fleet::agents {

/// Proximal policy optimisation (Schulman et al., 2017) as rsl_rl 5 has it, whose defaults these
/// are.
struct PpoConfig {
  // Set by who makes the agent, from the run's own settings; not read from files.
  std::int64_t num_iterations = 1500;  ///< of the configured run; the linear schedule ends with it
  std::uint64_t seed = 1;
  int num_threads = 0;  ///< 0: one per core; the result does not depend on it

  int num_steps = 24;             ///< per env and iteration
  int num_epochs = 5;             ///< passes over a rollout
  int num_minibatches = 4;        ///< per epoch; the remainder of the division is left out
  bool reuse_permutation = true;  ///< one shuffle per iteration instead of one per epoch
  int num_shards = 8;             ///< pieces of a minibatch whose gradients are summed in order

  double gamma = 0.99;
  double lambda = 0.95;
  double clip = 0.2;        ///< of the probability ratio, and of the value if clipped
  double value_coef = 1.0;  ///< times the mean squared error, without a half
  bool clip_value_loss = true;
  double entropy_coef = 0.01;
  double entropy_end = 1.0;  ///< share of the run after which entropy is paid no more
  bool normalise_advantage_per_minibatch = false;  ///< else once over the rollout

  std::string schedule = "adaptive";  ///< adaptive (by KL) | linear (to 0) | constant
  double learning_rate = 1e-3;        ///< at the start
  double min_learning_rate = 1e-5;    ///< adaptive only
  double max_learning_rate = 1e-2;    ///< adaptive only
  double desired_kl = 0.01;
  double max_grad_norm = 1.0;  ///< of actor and critic separately
  double adam_epsilon = 1e-8;

  std::vector<int> actor_hidden_dims{128, 128, 128};
  std::vector<int> critic_hidden_dims{128, 128, 128};
  std::string activation = "elu";  ///< elu | tanh | relu
  bool orthogonal_init = false;    ///< gains sqrt(2), 0.01 (policy), 1 (value), zero biases
  double init_std = 1.0;           ///< of the actions; its logarithm is learnt, per component
  double min_std = 1e-3;
  double max_std = 10.0;
  double final_max_std = 0.0;  ///< what max_std falls to, linearly, by the end of the run; 0: stays

  bool normalise_observations = true;
  double observation_epsilon = 0.01;  ///< added to the standard deviation
  double observation_clip = 0.0;      ///< of normalised observations; 0: none
  bool normalise_returns = false;     ///< divides rewards by the spread of the discounted return
  double reward_clip = 10.0;          ///< of rewards so divided; 0: none
  std::string symmetry = "none";  ///< none | augment: learn from mirrored samples too, where the
                                  ///< task declares what a mirror image is
  bool randomise_episode_clocks = true;  ///< at the start, so that time-outs come evenly

  /// Returns what is wrong, naming the field, or nothing.
  std::string validate() const;

  void fields(auto&& visit) {
    visit("num_steps", num_steps);
    visit("num_epochs", num_epochs);
    visit("num_minibatches", num_minibatches);
    visit("reuse_permutation", reuse_permutation);
    visit("num_shards", num_shards);
    visit("gamma", gamma);
    visit("lambda", lambda);
    visit("clip", clip);
    visit("value_coef", value_coef);
    visit("clip_value_loss", clip_value_loss);
    visit("entropy_coef", entropy_coef);
    visit("entropy_end", entropy_end);
    visit("normalise_advantage_per_minibatch", normalise_advantage_per_minibatch);
    visit("schedule", schedule);
    visit("learning_rate", learning_rate);
    visit("min_learning_rate", min_learning_rate);
    visit("max_learning_rate", max_learning_rate);
    visit("desired_kl", desired_kl);
    visit("max_grad_norm", max_grad_norm);
    visit("adam_epsilon", adam_epsilon);
    visit("actor_hidden_dims", actor_hidden_dims);
    visit("critic_hidden_dims", critic_hidden_dims);
    visit("activation", activation);
    visit("orthogonal_init", orthogonal_init);
    visit("init_std", init_std);
    visit("min_std", min_std);
    visit("max_std", max_std);
    visit("final_max_std", final_max_std);
    visit("normalise_observations", normalise_observations);
    visit("observation_epsilon", observation_epsilon);
    visit("observation_clip", observation_clip);
    visit("normalise_returns", normalise_returns);
    visit("reward_clip", reward_clip);
    visit("symmetry", symmetry);
    visit("randomise_episode_clocks", randomise_episode_clocks);
  }
};

}  // namespace fleet::agents
