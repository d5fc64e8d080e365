//! From a request to what is sent.

use super::OpenAiOptions;
use crate::{
    Language,
    llm::{Image, LlmRequest, Message},
    memory::Recollection,
    tools::{ToolCall, ToolOutcome, ToolSpec},
};
use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls,
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage,
    ChatCompletionRequestMessageContentPartImage, ChatCompletionRequestMessageContentPartText,
    ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessage,
    ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContent,
    ChatCompletionRequestUserMessageContentPart, ChatCompletionStreamOptions, ChatCompletionTool,
    ChatCompletionTools, CreateChatCompletionRequest, FunctionCall, FunctionObject, ImageUrl,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// The body of a chat completion request.
#[expect(
    deprecated,
    reason = "other servers than OpenAI's know only `max_tokens`"
)]
pub(super) fn body(options: &OpenAiOptions, request: &LlmRequest) -> CreateChatCompletionRequest {
    // OpenAI's newer models know only the new name of the limit, many other servers only the old one.
    let new_name = options.base_url.contains("api.openai.com");
    let (new_limit, old_limit) = match new_name {
        true => (options.max_tokens, None),
        false => (None, options.max_tokens),
    };
    let tools: Vec<_> = request.tools.iter().map(tool).collect();
    let messages = match options.sees_images {
        true => with_images(messages(request), &request.images),
        false => messages(request),
    };
    CreateChatCompletionRequest {
        model: options.model.clone(),
        messages,
        stream: Some(true),
        stream_options: Some(ChatCompletionStreamOptions {
            include_usage: Some(true),
            include_obfuscation: None,
        }),
        temperature: options.temperature,
        max_completion_tokens: new_limit,
        max_tokens: old_limit,
        tools: (!tools.is_empty()).then_some(tools),
        ..CreateChatCompletionRequest::default()
    }
}

fn tool(spec: &ToolSpec) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: spec.name.clone(),
            description: Some(spec.description.clone()),
            parameters: Some(spec.parameters.clone()),
            strict: None,
        },
    })
}

fn messages(request: &LlmRequest) -> Vec<ChatCompletionRequestMessage> {
    let system = ChatCompletionRequestSystemMessage::from(system(request));
    let mut messages = vec![ChatCompletionRequestMessage::from(system)];
    let mut history = request.messages.iter().peekable();
    while let Some(message) = history.next() {
        match message {
            Message::User { text } => {
                messages.push(ChatCompletionRequestUserMessage::from(&**text).into());
            }
            Message::Assistant { text, interrupted } => {
                let cut = if *interrupted { " […]" } else { "" };
                let said = ChatCompletionRequestAssistantMessage::from(format!("{text}{cut}"));
                messages.push(said.into());
            }
            Message::ToolCall(first) => {
                // Calls made in one step stand in one message, their results right behind it.
                let mut calls = vec![first];
                while let Some(Message::ToolCall(call)) =
                    history.next_if(|m| matches!(m, Message::ToolCall(_)))
                {
                    calls.push(call);
                }
                messages.push(called(&calls));
                let results = calls.iter().map(|call| result(call, &request.messages));
                messages.extend(results);
            }
            // Stands behind its call already.
            Message::ToolResult { .. } => {}
        }
    }
    messages
}

fn called(calls: &[&ToolCall]) -> ChatCompletionRequestMessage {
    let call = |call: &&ToolCall| {
        ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall {
            id: call.id.to_string(),
            function: FunctionCall {
                name: call.name.clone(),
                arguments: call.arguments.clone(),
            },
        })
    };
    let message = ChatCompletionRequestAssistantMessage {
        tool_calls: Some(calls.iter().map(call).collect()),
        ..ChatCompletionRequestAssistantMessage::default()
    };
    message.into()
}

fn result(call: &ToolCall, history: &[Message]) -> ChatCompletionRequestMessage {
    let outcome = history.iter().find_map(|m| match m {
        Message::ToolResult { id, outcome } if *id == call.id => Some(outcome),
        _ => None,
    });
    let content = match outcome {
        Some(ToolOutcome::Ok(text)) => text.clone(),
        Some(ToolOutcome::Failed(why)) => format!("The tool failed: {why}."),
        Some(ToolOutcome::Cancelled) => "The user interrupted; the call was cancelled.".into(),
        Some(ToolOutcome::TimedOut) => "The tool took too long and was given up.".into(),
        Some(ToolOutcome::Unknown) => "There is no such tool.".into(),
        Some(ToolOutcome::Declined) => {
            "The user was asked and did not say yes; it was not done.".into()
        }
        Some(ToolOutcome::Duplicate) => {
            "Not run again: the same call is running or was just done.".into()
        }
        None => "The tool is still running; there is no result yet.".into(),
    };
    let message = ChatCompletionRequestToolMessage {
        content: content.into(),
        tool_call_id: call.id.to_string(),
    };
    message.into()
}

/// How to answer somebody who listens, or reads.
const fn manner(request: &LlmRequest) -> &'static str {
    match (request.language, request.written) {
        (Language::Ru, false) => {
            "Отвечай по-русски, коротко, без разметки: ответ будет произнесён вслух."
        }
        (Language::En, false) => {
            "Answer in English, briefly, without markup: the answer is spoken."
        }
        (Language::Ru, true) => {
            "Отвечай по-русски, по делу; ответ читают в мессенджере, Markdown уместен."
        }
        (Language::En, true) => {
            "Answer in English, to the point; the answer is read in a messenger, Markdown is fine."
        }
    }
}

/// Puts pictures beside the last words of the user.
fn with_images(
    mut messages: Vec<ChatCompletionRequestMessage>,
    images: &[Image],
) -> Vec<ChatCompletionRequestMessage> {
    let users = messages.iter_mut().filter_map(|message| match message {
        ChatCompletionRequestMessage::User(user) => Some(user),
        _ => None,
    });
    if let Some(last) = users.last().filter(|_| !images.is_empty()) {
        let text = match &last.content {
            ChatCompletionRequestUserMessageContent::Text(text) => text.clone(),
            ChatCompletionRequestUserMessageContent::Array(_) => String::new(),
        };
        let text = ChatCompletionRequestMessageContentPartText::from(text);
        let mut parts = vec![text.into()];
        parts.extend(images.iter().map(picture));
        last.content = ChatCompletionRequestUserMessageContent::Array(parts);
    }
    messages
}

fn picture(image: &Image) -> ChatCompletionRequestUserMessageContentPart {
    let bytes = BASE64_STANDARD.encode(&image.bytes);
    let part = ChatCompletionRequestMessageContentPartImage {
        image_url: ImageUrl {
            url: format!("data:{};base64,{bytes}", image.media_type),
            detail: None,
        },
        prompt_cache_breakpoint: None,
    };
    part.into()
}

/// A conversation with its day.
fn talk(summary: &Recollection) -> String {
    let day = summary
        .provenance
        .as_ref()
        .map(|from| from.at.strftime("%F"));
    match day {
        Some(day) => format!("- {day}: {}", summary.text),
        None => format!("- {}", summary.text),
    }
}

/// Where nothing was read it must not be said that nothing is there.
fn unread(request: &LlmRequest) -> impl Iterator<Item = String> {
    let (memory, knowledge) = match request.language {
        Language::Ru => (
            "Память о пользователе сейчас прочитать не удалось: не утверждай, что о нём ничего \
             не известно.",
            "Базу знаний сейчас прочитать не удалось: не утверждай, что в ней об этом ничего нет.",
        ),
        Language::En => (
            "The memory of the user could not be read this time: do not claim that nothing is known \
             about them.",
            "The knowledge base could not be read this time: do not claim that it says nothing about \
             this.",
        ),
    };
    let memory = request.unread.memory.then(|| memory.to_owned());
    let knowledge = request.unread.knowledge.then(|| knowledge.to_owned());
    memory.into_iter().chain(knowledge)
}

/// Who the agent is, what it remembers and what it looked up.
fn system(request: &LlmRequest) -> String {
    let mut parts = Vec::new();
    if !request.instructions.trim().is_empty() {
        parts.push(request.instructions.trim().to_owned());
    }
    parts.push(manner(request).into());
    let (talks, known): (Vec<_>, Vec<_>) = request.recalled.iter().partition(|it| it.is_summary());
    if !known.is_empty() {
        let known = known.iter().map(|fact| match &fact.kind {
            Some(kind) => format!("- {kind}: {}", fact.text),
            None => format!("- {}", fact.text),
        });
        let known: Vec<_> = known.collect();
        let heading = match request.language {
            Language::Ru => "Что известно о пользователе:",
            Language::En => "What is known about the user:",
        };
        parts.push(format!("{heading}\n{}", known.join("\n")));
    }
    if !talks.is_empty() {
        let talks: Vec<_> = talks.into_iter().map(talk).collect();
        let heading = match request.language {
            Language::Ru => "Последние разговоры с ним, новые сверху:",
            Language::En => "The last conversations, newest first:",
        };
        parts.push(format!("{heading}\n{}", talks.join("\n")));
    }
    if !request.passages.is_empty() {
        let found = request.passages.iter();
        let found: Vec<_> = found.map(|p| format!("[{}] {}", p.title, p.text)).collect();
        let heading = match request.language {
            Language::Ru => "Из базы знаний (опирайся на это, если относится к вопросу):",
            Language::En => "From the knowledge base (rely on it where it answers the question):",
        };
        parts.push(format!("{heading}\n{}", found.join("\n")));
    }
    parts.extend(unread(request));
    parts.join("\n\n")
}
