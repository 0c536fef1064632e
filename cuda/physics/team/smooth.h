#pragma once

#include "cuda/physics/actuation.h"
#include "cuda/physics/inertia.h"
#include "cuda/physics/kinematics.h"
#include "cuda/physics/passive.h"
#include "cuda/physics/team/plan.h"
#include "cuda/physics/team/team.h"
#include "cuda/physics/velocity.h"

// The stages before the constraint solver, by a team: kinematics to qacc_smooth. Trees go level by
// level; a parent collects from its children, the last one first, as the pack schedule does.

namespace fleet::physics {

/// f(body) for all bodies but the world, parents first.
template <class Team, class F>
FLEET_HD void for_each_outwards(const Team& team, const auto& plan, F&& f) {
  for (int level = 1; level < plan.num_levels(); ++level) {
    const int first = plan.level_adr[level];
    team.for_each(plan.level_adr[level + 1] - first, [&](int i) { f(plan.level_body[first + i]); });
  }
}

/// f(body, child) for each child of a body, and finish(body) after the last one: children first.
/// @param to_world whether the world, too, collects from its children
template <class Team, class F, class G>
FLEET_HD void for_each_inwards(const Team& team, const auto& plan, bool to_world, F&& f,
                               G&& finish) {
  for (int level = plan.num_levels() - 1; level >= (to_world ? 0 : 1); --level) {
    const int first = plan.level_adr[level];
    team.for_each(plan.level_adr[level + 1] - first, [&](int i) {
      const int body = plan.level_body[first + i];
      for (int c = plan.child_adr[body]; c < plan.child_adr[body + 1]; ++c) {
        f(body, plan.child[c]);
      }
      finish(body);
    });
  }
}
template <class Team, class F>
FLEET_HD void for_each_inwards(const Team& team, const auto& plan, bool to_world, F&& f) {
  for_each_inwards(team, plan, to_world, f, [](int) {});
}

template <class Team, class R>
FLEET_HD void kinematics(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  for_each_outwards(team, plan, [&](int body) { body_kinematics(m, d, body); });
  team.for_each(m.ngeom, [&](int i) { geom_frame(m, d, i); });
  team.for_each(m.nsite, [&](int i) { site_frame(m, d, i); });
}

template <class Team, class R>
FLEET_HD void com_pos(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  team.for_each(m.nbody, [&](int body) { begin_subtree_com(d, body); });
  for_each_inwards(team, plan, true, [&](int body, int child) {
    R* const sum = &d.subtree_com[3 * body];
    store3(sum, load3(sum) + load3(&d.subtree_com[3 * child]));
  });
  team.for_each(m.nbody, [&](int body) { finish_subtree_com(d, body); });
  team.for_each(m.nbody - 1, [&](int i) { body_inertia(m, d, i + 1); });
  team.for_each(m.njnt, [&](int j) { joint_axes(m, d, j); });
}

/// f(i) for the things of each group in turn.
template <class Team, class F>
FLEET_HD void for_each_grouped(const Team& team, const auto& adr, const auto& members, F&& f) {
  for (int group = 0; group + 1 < static_cast<int>(adr.size()); ++group) {
    const int first = adr[group];
    team.for_each(adr[group + 1] - first, [&](int i) { f(members[first + i]); });
  }
}
template <class Team, class F>
FLEET_HD void for_each_tendon_grouped(const Team& team, const auto& plan, F&& f) {
  for_each_grouped(team, plan.tendon_group_adr, plan.tendon_group, f);
}
template <class Team, class F>
FLEET_HD void for_each_actuator_grouped(const Team& team, const auto& plan, F&& f) {
  for_each_grouped(team, plan.actuator_group_adr, plan.actuator_group, f);
}

template <class Team, class R>
FLEET_HD void make_M(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  copy(team, d.cinert.data(), 10 * m.nbody, d.crb.data());
  for_each_inwards(team, plan, false, [&](int body, int child) {
    for (int k = 0; k < 10; ++k) {
      d.crb[10 * body + k] += d.crb[10 * child + k];
    }
  });
  team.for_each(m.nv, [&](int i) { make_M_row(m, d, i); });
  for_each_tendon_grouped(team, plan, [&](int t) {
    if (m.tendon_armature[t] != 0) {
      add_tendon_armature(m, d, t);
    }
  });
}

/// As factor(): pivots from the last to the first; the entries that one pivot changes are spread.
template <class Team, class R>
FLEET_HD void factor(const Team& team, const auto& m, R* L, R* diag_inv) {
  for (int k = m.nv - 1; k >= 0; --k) {
    R* const row_k = L + m.M_rowadr[k];
    const int below = m.M_rownnz[k] - 1;
    const int* const columns = &m.M_colind[m.M_rowadr[k]];
    const R inverse = R(1.0) / row_k[below];
    team.for_each(below * below, [&](int e) {
      const int c = e / below;
      const int j = e % below;
      if (j <= c) {
        R& out = L[m.M_rowadr[columns[c]] + j];
        out = fma(-(row_k[c] * inverse), row_k[j], out);
      }
    });
    team.for_each(below + 1, [&](int c) {
      if (c == below) {
        diag_inv[k] = inverse;
      } else {
        row_k[c] *= inverse;
      }
    });
  }
}

/// x = (L' D L)^-1 x, dofs of one rank at the same time.
template <class Team, class R>
FLEET_HD void solve_factored(const Team& team, const auto& m, const auto& plan, const R* L,
                             const R* diag_inv, R* x) {
  const int num_ranks = static_cast<int>(plan.rank_adr.size()) - 1;
  const auto for_each_of_rank = [&](int rank, const auto& f) {
    const int first = plan.rank_adr[rank];
    team.for_each(plan.rank_adr[rank + 1] - first, [&](int i) { f(plan.rank_dof[first + i]); });
  };
  for (int rank = num_ranks - 1; rank >= 0; --rank) {
    for_each_of_rank(rank, [&](int i) {
      R sum = x[i];
      for (int c = plan.below_adr[i]; c < plan.below_adr[i + 1]; ++c) {
        sum = fma(-L[plan.below_entry[c]], x[plan.below_row[c]], sum);
      }
      x[i] = sum;
    });
  }
  for (int rank = 0; rank < num_ranks; ++rank) {
    for_each_of_rank(rank, [&](int k) {
      R sum = x[k] * diag_inv[k];
      for (int c = m.M_rowadr[k]; c < m.M_rowadr[k] + m.M_rownnz[k] - 1; ++c) {
        sum = fma(-L[c], x[m.M_colind[c]], sum);
      }
      x[k] = sum;
    });
  }
}

/// out = M x
template <class Team, class R>
FLEET_HD void mul_M(const Team& team, const auto& m, const auto& plan, const PhysicsData<R>& d,
                    const R* x, R* out) {
  team.for_each(m.nv, [&](int i) {
    const int adr = m.M_rowadr[i];
    const int beside = m.M_rownnz[i] - 1;
    R sum = d.M[adr + beside] * x[i];
    for (int c = adr; c < adr + beside; ++c) {
      sum = fma(d.M[c], x[m.M_colind[c]], sum);
    }
    for (int c = plan.below_adr[i + 1] - 1; c >= plan.below_adr[i]; --c) {
      sum = fma(d.M[plan.below_entry[c]], x[plan.below_row[c]], sum);
    }
    out[i] = sum;
  });
}

template <class Team, class R>
FLEET_HD void transmission(const Team& team, const auto& m, PhysicsData<R>& d) {
  team.for_each(m.ntendon, [&](int t) { tendon_velocity(m, d, t); });
  team.for_each(m.nu, [&](int u) {
    actuator_transmission(m, d, u);
    actuator_velocity(m, d, u);
  });
}

/// Adds what a wrench on a body does to its dofs.
template <class Team, class R>
FLEET_HD void add_wrench(const Team& team, const auto& plan, const PhysicsData<R>& d, int body,
                         const Vec6<R>& wrench, R* out) {
  const int first = plan.chain_adr[body];
  team.for_each(plan.chain_adr[body + 1] - first, [&](int c) {
    const int i = plan.chain_dof[first + c];
    out[i] += dot(load6(&d.cdof[6 * i]), wrench);
  });
}

template <class Team, class R>
FLEET_HD void passive(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  team.for_each(m.nv, [&](int i) { damp_dof(m, d, i); });
  team.for_each(m.springs ? m.njnt : 0, [&](int j) {
    if (m.jnt_stiffness[j] != 0) {
      joint_spring(m, d, j);
    }
  });
  for_each_tendon_grouped(team, plan, [&](int t) { tendon_spring_damper(m, d, t); });
  for (const int body : m.fluid_bodies) {
    add_wrench(team, plan, d, body, fluid_wrench(m, d, body), d.qfrc_passive.data());
  }
  if (m.has_gravcomp) {
    fill(team, d.qfrc_gravcomp.data(), m.nv, R(0.0));
    for (int body = 1; body < m.nbody; ++body) {
      if (m.body_gravcomp[body] != 0) {
        add_wrench(team, plan, d, body, gravcomp_wrench(m, d, body), d.qfrc_gravcomp.data());
      }
    }
    team.for_each(m.nv, [&](int i) { add_passive_gravcomp(m, d, i); });
  }
}

template <class Team, class R>
FLEET_HD void rne(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  R* const acceleration = d.scratch_body.data();  // (nbody x 6), then as many forces
  R* const force = acceleration + 6 * m.nbody;
  team.once([&] { store6(acceleration, upward_gravity<R>(m)); });
  for_each_outwards(team, plan, [&](int body) { body_bias(m, d, body, acceleration, force); });
  for_each_inwards(team, plan, false, [&](int body, int child) {
    store6(force + 6 * body, load6(force + 6 * body) + load6(force + 6 * child));
  });
  team.for_each(m.nv, [&](int i) {
    d.qfrc_bias[i] = dot(load6(&d.cdof[6 * i]), load6(force + 6 * m.dof_bodyid[i]));
  });
}

template <class Team, class R>
FLEET_HD void actuation(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  fill(team, d.qfrc_actuator.data(), m.nv, R(0.0));
  if (!m.actuation || m.nu == 0) {
    fill(team, d.actuator_force.data(), m.nu, R(0.0));
    return;
  }
  team.for_each(m.nu, [&](int u) { d.actuator_force[u] = unlimited_force(m, d, u); });
  team.for_each(m.ntendon, [&](int t) {
    if (m.tendon_actfrclimited[t]) {
      limit_tendon_force(m, d, t);
    }
  });
  for_each_actuator_grouped(team, plan, [&](int u) { apply_actuator(m, d, u); });
  team.for_each(m.has_gravcomp ? m.nv : 0, [&](int i) { add_actuator_gravcomp(m, d, i); });
  team.for_each(m.njnt, [&](int j) { limit_joint_force(m, d, j); });
}

/// Fills qfrc_smooth and qacc_smooth from all forces but those of constraints.
template <class Team, class R>
FLEET_HD void smooth_acceleration(const Team& team, const auto& m, const auto& plan,
                                  PhysicsData<R>& d) {
  team.for_each(m.nv, [&](int i) {
    d.qfrc_smooth[i] = d.qfrc_passive[i] - d.qfrc_bias[i] + d.qfrc_applied[i] + d.qfrc_actuator[i];
  });
  for (int body = 1; body < m.nbody && d.has_applied; ++body) {
    add_wrench(team, plan, d, body, applied_wrench(m, d, body), d.qfrc_smooth.data());
  }
  copy(team, d.qfrc_smooth.data(), m.nv, d.qacc_smooth.data());
  solve_factored(team, m, plan, d.qLD.data(), d.qLDiagInv.data(), d.qacc_smooth.data());
}

}  // namespace fleet::physics
