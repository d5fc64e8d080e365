//! Which tensor of the ggml file comes from which part of which CTranslate2 variable.

use super::{
    ConvertError,
    ct2::{Numbers, Table, Variable},
};

/// Numbers of the model, read off the shapes of its variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) vocabulary: u64,
    pub(super) audio_context: u64,
    pub(super) text_context: u64,
    pub(super) width: u64,
    pub(super) encoder_layers: u64,
    pub(super) decoder_layers: u64,
    pub(super) bands: u64,
}

/// One tensor to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    pub(super) name: String,
    /// Outermost first.
    pub(super) dims: Vec<u64>,
    pub(super) from: Numbers,
    pub(super) to: Numbers,
    pub(super) offset: u64,
}

const MAX_LAYERS: u64 = 64;
const MAX_WIDTH: u64 = 4_096;
const HEAD: u64 = 64;

impl Shape {
    pub(super) fn of(table: &Table) -> Result<Self, ConvertError> {
        let dim = |name: &str, axis: usize| {
            let dims = table.get(name).map(|v| v.dims.as_slice());
            dims.and_then(|d| d.get(axis).copied())
                .ok_or_else(|| ConvertError::Missing(name.to_owned()))
        };
        let layers = |side: &str| {
            (0..=MAX_LAYERS)
                .take_while(|n| {
                    table.contains_key(&format!("{side}/layer_{n}/layer_norm/gamma"))
                        || table.contains_key(&format!("{side}/layer_{n}/ffn/linear_0/weight"))
                })
                .count() as u64
        };
        let shape = Self {
            vocabulary: dim("decoder/embeddings/weight", 0)?,
            audio_context: dim("encoder/position_encodings/encodings", 0)?,
            text_context: dim("decoder/position_encodings/encodings", 0)?,
            width: dim("encoder/layer_norm/gamma", 0)?,
            encoder_layers: layers("encoder"),
            decoder_layers: layers("decoder"),
            bands: dim("encoder/conv1/weight", 1)?,
        };
        let fits = (HEAD..=MAX_WIDTH).contains(&shape.width)
            && shape.width.is_multiple_of(HEAD)
            && (1..=MAX_LAYERS).contains(&shape.encoder_layers)
            && (1..=MAX_LAYERS).contains(&shape.decoder_layers)
            && [80, 128].contains(&shape.bands);
        fits.then_some(shape).ok_or(ConvertError::NotCt2)
    }

    pub(super) const fn heads(&self) -> u64 {
        self.width / HEAD
    }
}

/// Every tensor of the model, in the order it is written.
pub(super) fn tensors(table: &Table, shape: Shape) -> Result<Vec<Tensor>, ConvertError> {
    let mut plan = Plan {
        table,
        shape,
        tensors: Vec::new(),
    };
    plan.side("encoder", shape.encoder_layers, shape.audio_context)?;
    plan.side("decoder", shape.decoder_layers, shape.text_context)?;
    plan.convolution(1, shape.bands)?;
    plan.convolution(2, shape.width)?;
    plan.tensor(
        "decoder.token_embedding.weight",
        "decoder/embeddings/weight",
        &[shape.vocabulary, shape.width],
        0,
        Numbers::F16,
    )?;
    Ok(plan.tensors)
}

struct Plan<'a> {
    table: &'a Table,
    shape: Shape,
    tensors: Vec<Tensor>,
}

impl Plan<'_> {
    fn side(&mut self, side: &str, layers: u64, context: u64) -> Result<(), ConvertError> {
        let width = self.shape.width;
        self.tensor(
            &format!("{side}.positional_embedding"),
            &format!("{side}/position_encodings/encodings"),
            &[context, width],
            0,
            Numbers::F32,
        )?;
        let last = if side == "encoder" { "ln_post" } else { "ln" };
        self.norm(&format!("{side}.{last}"), &format!("{side}/layer_norm"))?;
        for n in 0..layers {
            self.layer(
                side,
                &format!("{side}.blocks.{n}"),
                &format!("{side}/layer_{n}"),
            )?;
        }
        Ok(())
    }

    fn layer(&mut self, side: &str, to: &str, from: &str) -> Result<(), ConvertError> {
        let width = self.shape.width;
        let attention = format!("{from}/self_attention");
        // Query, key and value are stacked in one variable; Whisper's keys have no bias.
        let stacked = format!("{attention}/linear_0");
        for (n, part, bias) in [(0, "query", true), (1, "key", false), (2, "value", true)] {
            self.linear(&format!("{to}.attn.{part}"), &stacked, [3, n], bias)?;
        }
        self.linear(
            &format!("{to}.attn.out"),
            &format!("{attention}/linear_1"),
            [1, 0],
            true,
        )?;
        self.norm(&format!("{to}.attn_ln"), &format!("{attention}/layer_norm"))?;
        if side == "decoder" {
            self.cross_attention(to, &format!("{from}/attention"))?;
        }
        let (up, down) = (
            format!("{from}/ffn/linear_0"),
            format!("{from}/ffn/linear_1"),
        );
        self.matrix(
            &format!("{to}.mlp.0"),
            &up,
            [4 * width, width],
            [1, 0],
            true,
        )?;
        self.matrix(
            &format!("{to}.mlp.2"),
            &down,
            [width, 4 * width],
            [1, 0],
            true,
        )?;
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))
    }

    fn cross_attention(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let name = |part: &str| format!("{to}.cross_attn.{part}");
        let linear = |n: u32| format!("{from}/linear_{n}");
        self.linear(&name("query"), &linear(0), [1, 0], true)?;
        self.linear(&name("key"), &linear(1), [2, 0], false)?;
        self.linear(&name("value"), &linear(1), [2, 1], true)?;
        self.linear(&name("out"), &linear(2), [1, 0], true)?;
        self.norm(
            &format!("{to}.cross_attn_ln"),
            &format!("{from}/layer_norm"),
        )
    }

    /// A square matrix, part `n` of `of` stacked ones.
    fn linear(
        &mut self,
        to: &str,
        from: &str,
        part: [u64; 2],
        bias: bool,
    ) -> Result<(), ConvertError> {
        let width = self.shape.width;
        self.matrix(to, from, [width, width], part, bias)
    }

    fn matrix(
        &mut self,
        to: &str,
        from: &str,
        dims: [u64; 2],
        [of, part]: [u64; 2],
        bias: bool,
    ) -> Result<(), ConvertError> {
        let [rows, columns] = dims;
        let (weight, biases) = (format!("{from}/weight"), format!("{from}/bias"));
        self.check(&weight, &[rows * of, columns])?;
        self.tensor_at(
            &format!("{to}.weight"),
            &weight,
            &dims,
            part * rows * columns,
            Numbers::F16,
        )?;
        if bias {
            self.check(&biases, &[rows * of])?;
            self.tensor_at(
                &format!("{to}.bias"),
                &biases,
                &[rows],
                part * rows,
                Numbers::F32,
            )?;
        }
        Ok(())
    }

    fn norm(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let width = self.shape.width;
        for (part, var) in [("weight", "gamma"), ("bias", "beta")] {
            let (to, from) = (format!("{to}.{part}"), format!("{from}/{var}"));
            self.tensor(&to, &from, &[width], 0, Numbers::F32)?;
        }
        Ok(())
    }

    fn convolution(&mut self, n: u64, inputs: u64) -> Result<(), ConvertError> {
        let width = self.shape.width;
        let (to, from) = (format!("encoder.conv{n}"), format!("encoder/conv{n}"));
        let (weight, bias) = (format!("{from}/weight"), format!("{from}/bias"));
        self.tensor(
            &format!("{to}.weight"),
            &weight,
            &[width, inputs, 3],
            0,
            Numbers::F16,
        )?;
        self.check(&bias, &[width])?;
        // whisper.cpp adds it to every column, so it wants it as one.
        self.tensor_at(&format!("{to}.bias"), &bias, &[width, 1], 0, Numbers::F32)
    }

    fn tensor(
        &mut self,
        to: &str,
        from: &str,
        dims: &[u64],
        skip: u64,
        numbers: Numbers,
    ) -> Result<(), ConvertError> {
        self.check(from, dims)?;
        self.tensor_at(to, from, dims, skip, numbers)
    }

    fn tensor_at(
        &mut self,
        to: &str,
        from: &str,
        dims: &[u64],
        skip: u64,
        numbers: Numbers,
    ) -> Result<(), ConvertError> {
        let variable = self.variable(from)?;
        let convertible = variable.numbers == Numbers::F16
            || variable.numbers == Numbers::F32 && numbers == Numbers::F32;
        if !convertible {
            return Err(ConvertError::Shape(from.to_owned()));
        }
        let tensor = Tensor {
            name: to.to_owned(),
            dims: dims.to_vec(),
            from: variable.numbers,
            to: numbers,
            offset: variable.offset + skip * variable.numbers.bytes(),
        };
        self.tensors.push(tensor);
        Ok(())
    }

    fn check(&self, name: &str, dims: &[u64]) -> Result<(), ConvertError> {
        let right = self.variable(name)?.dims == dims;
        right
            .then_some(())
            .ok_or_else(|| ConvertError::Shape(name.to_owned()))
    }

    fn variable(&self, name: &str) -> Result<&Variable, ConvertError> {
        let variable = self.table.get(name);
        variable.ok_or_else(|| ConvertError::Missing(name.to_owned()))
    }
}
