#pragma once

#include "cuda/physics/constraint.h"
#include "cuda/physics/team/team.h"
#include "cuda/physics/team/team_data.h"

// Rows of the constraint solver by a team: blocks are listed first, then placed, then filled. Their
// order is that of the pack schedule.

namespace fleet::physics {

/// A block as it is listed, and what it comes from: a coupling, tendon, joint, end of a tendon's
/// range or contact.
template <class R>
FLEET_HD void list_block(TeamData<R>& d, int b, int source, BlockKind kind, int dim,
                         const int* columns, int num_columns) {
  d.blocks.block[b] = {.kind = kind,
                       .contact = -1,
                       .dim = dim,
                       .num_columns = num_columns,
                       .columns = columns,
                       .row = 0,
                       .J = 0,
                       .H = 0};
  d.blocks.live[b] = source;  // until the solver lists the live ones
}

/// Where each sort of blocks begins, and where the last one ends.
struct BlockRanges {
  int tendon_friction, ball_limits, tendon_limits, contacts, end;
};

template <class R>
FLEET_HD bool ball_is_at_limit(const auto& m, const PhysicsData<R>& d, int j) {
  Vec3<R> turn;
  return m.jnt_limited[j] && m.jnt_type[j] == static_cast<int>(Joint::kBall) &&
         any(ball_limit(m, d, j, turn).active);
}
FLEET_HD inline int side_of(int i) { return i % 2 == 0 ? -1 : 1; }

/// Lists all blocks. Ends of ranges count as 2 * tendon, lower, and 2 * tendon + 1, upper.
template <class Team, class R>
FLEET_HD BlockRanges list_blocks(const Team& team, const auto& m, TeamData<R>& d) {
  BlockRanges ranges;
  const int num_couplings = static_cast<int>(m.couplings.size());
  team.for_each(num_couplings, [&](int i) {
    const auto& e = m.couplings[i];
    list_block(d, i, i, BlockKind::kEquality, 1, &m.coupling_columns[e.column_adr], e.num_columns);
  });
  const auto list_tendon = [&](int b, int source, BlockKind kind, int t) {
    list_block(d, b, source, kind, 1, &m.wrap_dof[m.tendon_adr[t]], m.tendon_num[t]);
  };
  ranges.tendon_friction = num_couplings;
  ranges.ball_limits =
      ranges.tendon_friction +
      team.place(
          m.frictionloss ? m.ntendon : 0,
          [&](int t) { return m.tendon_frictionloss[t] > 0 ? 1 : 0; },
          [&](int t, int at, int) {
            list_tendon(ranges.tendon_friction + at, t, BlockKind::kFrictionLoss, t);
          });
  ranges.tendon_limits =
      ranges.ball_limits + team.place(
                               m.limits ? m.njnt : 0,
                               [&](int j) { return ball_is_at_limit(m, d, j) ? 1 : 0; },
                               [&](int j, int at, int) {
                                 list_block(d, ranges.ball_limits + at, j, BlockKind::kLimit, 1,
                                            &m.dof_index[m.jnt_dofadr[j]], 3);
                               });
  ranges.contacts =
      ranges.tendon_limits +
      team.place(
          m.limits ? 2 * m.ntendon : 0,
          [&](int i) {
            return m.tendon_limited[i / 2] && any(tendon_limit(m, d, i / 2, side_of(i)).active) ? 1
                                                                                                : 0;
          },
          [&](int i, int at, int) {
            list_tendon(ranges.tendon_limits + at, i, BlockKind::kLimit, i / 2);
          });
  ranges.end =
      ranges.contacts +
      team.place(
          d.contact.num, [&](int i) { return m.pairs[d.contact.pair[i]].num_columns > 0 ? 1 : 0; },
          [&](int i, int at, int) {
            const auto& pair = m.pairs[d.contact.pair[i]];
            list_block(d, ranges.contacts + at, i, contact_kind(m, pair.condim), pair.condim,
                       &m.pair_columns[pair.column_adr], pair.num_columns);
            d.blocks.block[ranges.contacts + at].contact = i;
          });
  return ranges;
}

/// Gives the first `num` blocks their places among rows, J and H.
template <class Team, class R>
FLEET_HD void place_blocks(const Team& team, TeamData<R>& d, int num) {
  RowBlocks<R>& blocks = d.blocks;
  const auto place = [&](const auto& size, const auto& write) {
    return team.place(
        num, [&](int b) { return size(blocks.block[b]); },
        [&](int b, int at, int) { write(blocks.block[b], at); });
  };
  const int num_rows = place([](const auto& block) { return block.dim; },
                             [](auto& block, int at) { block.row = at; });
  const int num_J = place([](const auto& block) { return block.dim * block.num_columns; },
                          [](auto& block, int at) { block.J = at; });
  const int num_H = place([](const auto& block) { return block.dim * block.dim; },
                          [](auto& block, int at) { block.H = at; });
  team.once([&] {
    blocks.num = num;
    blocks.num_rows = num_rows;
    blocks.num_J = num_J;
    blocks.num_H = num_H;
  });
  team.for_each(num, [&](int b) {
    const auto& block = blocks.block[b];
    std::uint64_t columns = 0;
    for (int c = 0; c < block.num_columns; ++c) {
      columns |= std::uint64_t{1} << block.columns[c];
    }
    d.block_columns[b] = columns;
    for (int k = 0; k < block.dim; ++k) {
      d.row_block[block.row + k] = b;
      blocks.force[block.row + k] = R(0.0);
    }
  });
}

/// J, regulariser and reference of a block that is no contact.
template <class R>
FLEET_HD void fill_other_block(const auto& m, TeamData<R>& d, const BlockRanges& ranges, int b) {
  const auto& block = d.blocks.block[b];
  const int source = d.blocks.live[b];
  if (b < ranges.tendon_friction) {
    fill_equality(m, d, m.couplings[source], block);
  } else if (b < ranges.ball_limits) {
    fill_tendon_friction(m, d, source, block);
  } else if (b < ranges.tendon_limits) {
    Vec3<R> turn;
    const Limit<R> limit = ball_limit(m, d, source, turn);
    fill_ball_limit(m, d, source, turn, limit, block);
  } else {
    const int side = side_of(source);
    fill_tendon_limit(m, d, source / 2, side, tendon_limit(m, d, source / 2, side), block);
  }
}

template <class R>
FLEET_HD void fill_contact_column(const auto& m, TeamData<R>& d, int b, int c) {
  const auto& block = d.blocks.block[b];
  if (c < block.num_columns) {
    const int root = m.body_rootid[m.dof_bodyid[block.columns[c]]];
    const Vec3<R> arm = load3(&d.contact.pos[3 * block.contact]) - load3(&d.subtree_com[3 * root]);
    contact_column(m, d, m.pairs[d.contact.pair[block.contact]], block,
                   load9(&d.contact.frame[9 * block.contact]), arm, c);
  }
}

/// Rows of friction and limits of single dofs.
template <class Team, class R>
FLEET_HD void make_dof_rows(const Team& team, const auto& m, PhysicsData<R>& d) {
  const int num_friction = team.place(
      m.frictionloss ? m.nv : 0, [&](int i) { return m.dof_has_frictionloss[i] ? 1 : 0; },
      [&](int i, int at, int) { write_friction_row(m, d, at, i); });
  const int num_limits = team.place(
      m.limits ? 2 * m.njnt : 0,
      [&](int i) {
        return m.jnt_limited[i / 2] && m.jnt_type[i / 2] != static_cast<int>(Joint::kBall) &&
                       any(joint_limit(m, d, i / 2, side_of(i)).active)
                   ? 1
                   : 0;
      },
      [&](int i, int at, int) {
        write_limit_row(m, d, num_friction + at, i / 2, side_of(i),
                        joint_limit(m, d, i / 2, side_of(i)));
      });
  team.once([&] {
    d.dof_rows.num_friction = num_friction;
    d.dof_rows.num = num_friction + num_limits;
  });
}

/// All rows for the present positions and velocities.
template <class Team, class R>
FLEET_HD void make_constraint(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  make_dof_rows(team, m, d);
  const BlockRanges ranges = list_blocks(team, m, d);
  place_blocks(team, d, ranges.end);
  const int num_contacts = ranges.end - ranges.contacts;
  team.for_each(num_contacts * plan.max_columns, [&](int i) {
    fill_contact_column(m, d, ranges.contacts + i / plan.max_columns, i % plan.max_columns);
  });
  team.for_each(ranges.end, [&](int b) {
    if (b < ranges.contacts) {
      fill_other_block(m, d, ranges, b);
    } else {
      const auto& block = d.blocks.block[b];
      finish_contact(m, d, m.pairs[d.contact.pair[block.contact]], block);
    }
  });
}

}  // namespace fleet::physics
