#include "agents/flashsac/flashsac_config.h"

#include <algorithm>

#include "cuda/config_rules.h"

namespace fleet::agents {

std::string FlashSacConfig::validate() const {
  const bool has_dims = !hidden_dims.empty() && std::ranges::min(hidden_dims) > 0 &&
                        std::ranges::max(hidden_dims) <= 8192;
  const std::initializer_list<Rule> rules = {
      {num_threads >= 0, "num_threads must not be negative"},
      {num_steps > 0, "num_steps must be positive"},
      {transitions_per_update > 0, "transitions_per_update must be positive"},
      {buffer_size > 0 && buffer_size <= 1'000'000'000, "buffer_size must be in [1, 1e9]"},
      {min_buffer > 0 && min_buffer <= buffer_size,
       "min_buffer must be positive and at most buffer_size"},
      {action_scale > 0.0 && action_scale <= 1.0, "action_scale must be in (0, 1]"},
      {warmup_scale >= 0.0 && warmup_scale <= 1.0, "warmup_scale must be in [0, 1]"},
      {n_step > 0 && n_step <= 100, "n_step must be in [1, 100]"},
      {max_noise_repeat > 0 && max_noise_repeat <= 1000, "max_noise_repeat must be in [1, 1000]"},
      {is_one_of(sampler, {"uniform", "age"}), "sampler must be uniform or age"},
      {age_horizon >= 1.0, "age_horizon must be at least 1"},
      {is_one_of(network, {"residual", "mlp"}), "network must be residual or mlp"},
      {is_one_of(actor_head, {"unit", "small"}), "actor_head must be unit or small"},
      {actor_head == "unit" || network == "residual", "actor_head: small needs network: residual"},
      {actor_width > 0 && actor_width <= 8192, "actor_width must be in [1, 8192]"},
      {critic_width > 0 && critic_width <= 8192, "critic_width must be in [1, 8192]"},
      {actor_blocks >= 0 && actor_blocks <= 24, "actor_blocks must be in [0, 24]"},
      {critic_blocks >= 0 && critic_blocks <= 24, "critic_blocks must be in [0, 24]"},
      {has_dims, "hidden_dims must be positive, at most 8192 and at least one"},
      {num_critics > 0 && num_critics <= 8, "num_critics must be in [1, 8]"},
      {is_one_of(precision, {"float32", "bfloat16"}), "precision must be float32 or bfloat16"},
      {min_log_std < max_log_std && min_log_std >= -20.0 && max_log_std <= 10.0,
       "-20 <= min_log_std < max_log_std <= 10 must hold"},
      {log_std_drop >= 0.0 && log_std_drop <= 20.0, "log_std_drop must be in [0, 20]"},
      {batch_size > 1, "batch_size must be at least 2"},
      {batch_size <= buffer_size, "batch_size must be at most buffer_size"},
      {batch_size <= 1'000'000, "batch_size must be at most 1e6"},
      {is_one_of(symmetry, {"none", "augment"}), "symmetry must be none or augment"},
      {gamma >= 0.0 && gamma <= 1.0, "gamma must be in [0, 1]"},
      {tau > 0.0 && tau <= 1.0, "tau must be in (0, 1]"},
      {is_one_of(critic, {"categorical", "mse"}), "critic must be categorical or mse"},
      {num_bins >= 2 && num_bins <= 8192, "num_bins must be in [2, 8192]"},
      {max_value > 0.0 && max_value <= 1e6, "max_value must be positive"},
      {is_one_of(twin, {"min", "mean"}), "twin must be min or mean"},
      {mean_penalty >= 0.0 && mean_penalty <= 1e3, "mean_penalty must be in [0, 1e3]"},
      {actor_period > 0, "actor_period must be positive"},
      {learning_rate > 0.0 && learning_rate <= 1.0, "learning_rate must be in (0, 1]"},
      {final_learning_rate >= 0.0 && final_learning_rate <= learning_rate,
       "final_learning_rate must be in [0, learning_rate]"},
      {actor_learning_rate >= 0.0 && actor_learning_rate <= 1.0,
       "actor_learning_rate must be in [0, 1]"},
      {final_actor_learning_rate >= 0.0 && final_actor_learning_rate <= 1.0,
       "final_actor_learning_rate must be in [0, 1]"},
      {actor_learning_rate > 0.0 || final_actor_learning_rate == 0.0,
       "final_actor_learning_rate needs an actor_learning_rate"},
      {initial_temperature > 0.0 && initial_temperature <= 1e3,
       "initial_temperature must be positive"},
      {target_sigma >= 0.0 && target_sigma <= 10.0, "target_sigma must be in [0, 10]"},
  };
  return first_problem(rules);
}

}  // namespace fleet::agents
